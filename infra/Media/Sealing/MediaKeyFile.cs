using System.Security.Cryptography;
using StreamPlatform.Media.Objects;

namespace StreamPlatform.Media.Sealing;

/// <summary>The master key of a store on one machine: 32 bytes in a file that only its user can read, made at first use; processes that start at once agree on one.</summary>
internal static class MediaKeyFile
{
    private const string Name = "media.key";

    /// <exception cref="IOException">The file cannot be used.</exception>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static byte[] ReadOrCreate(string directory)
    {
        OwnerOnly.CreateDirectory(directory);
        var path = Path.Combine(directory, Name);
        if (!File.Exists(path))
        {
            Create(directory, path);
        }

        var key = File.ReadAllBytes(path);
        return key.Length == DerivedMediaKeys.KeyBytes
            ? key
            : throw new InvalidDataException($"{path} holds {key.Length} bytes, a key has {DerivedMediaKeys.KeyBytes}: without it the stored files cannot be read");
    }

    private static void Create(string directory, string path)
    {
        var aside = $"{path}.{Guid.NewGuid():N}";
        using (var file = OwnerOnly.CreateFile(aside))
        {
            file.Write(RandomNumberGenerator.GetBytes(DerivedMediaKeys.KeyBytes));
            file.Flush(flushToDisk: true);
        }

        try
        {
            File.Move(aside, path, overwrite: false);
            DirectorySync.Flush(directory);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(aside); // another one was faster
        }
    }
}
