using System.Security.Cryptography;

namespace StreamPlatform.Gateway.Sessions;

/// <summary>The key of session tokens on disk, so that tokens outlive a restart: 32 random bytes, readable by the owner only.</summary>
public static class TokenKeyFile
{
    private const int KeyBytes = 32;

    /// <summary>The key in <paramref name="dataDirectory"/>, made when missing; a fresh one in memory when the directory is null.</summary>
    /// <exception cref="InvalidDataException">The file is not a key.</exception>
    public static byte[] ReadOrCreate(string? dataDirectory)
    {
        if (dataDirectory is null)
        {
            return RandomNumberGenerator.GetBytes(KeyBytes);
        }

        Directory.CreateDirectory(dataDirectory);
        var path = Path.Combine(dataDirectory, "gateway-token.key");
        if (!File.Exists(path))
        {
            Create(path);
        }

        var key = File.ReadAllBytes(path);
        return key.Length >= KeyBytes
            ? key
            : throw new InvalidDataException($"{path} holds {key.Length} bytes, a token key has {KeyBytes}: remove the file, a new one is made.");
    }

    private static void Create(string path)
    {
        // written aside and moved, so that a crash leaves no half key; a second process that was faster keeps its own
        var temporary = path + "." + Guid.NewGuid().ToString("N");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var file = new FileStream(temporary, options))
        {
            file.Write(RandomNumberGenerator.GetBytes(KeyBytes));
            file.Flush(flushToDisk: true);
        }

        try
        {
            File.Move(temporary, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(temporary);
        }
    }
}
