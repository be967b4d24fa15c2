using System.Security.Cryptography;
using StreamPlatform.Media.Objects;
using StreamPlatform.Media.Sealing;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Media;

/// <summary>Which object store, and the keys of what lies in it. Not a record: what prints it must not print keys.</summary>
public sealed class MediaStoreOptions
{
    /// <summary>DIR or s3://BUCKET/PREFIX?endpoint=...&amp;region=...; required.</summary>
    public string Location { get; set; } = "";

    /// <summary>Directory of the master key when <see cref="Key"/> is empty (made at first use); empty = <see cref="Key"/> is required.</summary>
    public string KeyDirectory { get; set; } = "";

    /// <summary>Master key: 32 bytes as base64, or the path of a file that holds that. Never logged.</summary>
    public string Key { get; set; } = "";

    /// <summary>Master keys that were replaced, in the same form, comma between: what they sealed can still be read. Never logged.</summary>
    public string FormerKeys { get; set; } = "";

    /// <summary>Access key id of S3. Never logged.</summary>
    public string AccessKey { get; set; } = "";

    /// <summary>Secret key of S3. Never logged.</summary>
    public string SecretKey { get; set; } = "";

    /// <summary>Opens the store.</summary>
    /// <exception cref="ArgumentException">Names the option and what it accepts.</exception>
    /// <exception cref="IOException">The directory cannot be used.</exception>
    public IObjectStore OpenObjects(TimeProvider time)
    {
        var location = MediaLocation.Parse(Location);
        return location.IsS3
            ? new S3ObjectStore(new() { Location = location, AccessKey = AccessKey, SecretKey = SecretKey }, time)
            : new DirectoryObjectStore(location.Directory, Vault.MediaVault.MaxBytes + (Vault.MediaVault.MaxBytes / 1024), time);
    }

    /// <summary>Reads, or makes, the keys.</summary>
    /// <exception cref="ArgumentException">Names the option and what it accepts.</exception>
    /// <exception cref="IOException">The key's file cannot be used.</exception>
    /// <exception cref="InvalidDataException">The key's file is damaged.</exception>
    public IMediaKeys OpenKeys()
    {
        var former = FormerKeys.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(k => Read("STREAMPLATFORM_MEDIA_FORMER_KEYS", k)).ToArray();
        if (Key.Length > 0)
        {
            return new DerivedMediaKeys(Read("STREAMPLATFORM_MEDIA_KEY", Key), former);
        }

        return KeyDirectory.Length > 0
            ? new DerivedMediaKeys(MediaKeyFile.ReadOrCreate(KeyDirectory), former)
            : throw new ArgumentException("STREAMPLATFORM_MEDIA_KEY is missing; media in a bucket need a key that every instance has: 32 bytes as base64 (openssl rand -base64 32), or a file that holds them");
    }

    private static byte[] Read(string variable, string text)
    {
        try
        {
            var key = Convert.FromBase64String(File.Exists(text) ? File.ReadAllText(text).Trim() : text);
            return key.Length == DerivedMediaKeys.KeyBytes ? key : throw Wrong(variable);
        }
        catch (FormatException)
        {
            throw Wrong(variable);
        }
    }

    private static ArgumentException Wrong(string variable) => new($"{variable} takes {DerivedMediaKeys.KeyBytes} bytes as base64 (openssl rand -base64 32), or the path of a file that holds that");
}
