using System.Security.Cryptography;
using System.Text;

namespace StreamPlatform.Media.Sealing;

/// <summary>Keys of sealed media. A later implementation may keep one key per candidate: an owner whose key is gone is an owner whose files are gone.</summary>
public interface IMediaKeys
{
    /// <summary>The key that new content of an owner is sealed with.</summary>
    /// <param name="owner">Whose content: the same text opens it again.</param>
    MediaKey Current(string owner);

    /// <summary>The key that sealed content names; null when it is gone or not known here.</summary>
    MediaKey? Find(string keyId, string owner);
}

/// <param name="Id">Written into the header of what it seals: 1..64 letters, digits, '-' and '_'.</param>
/// <param name="Secret">32 bytes.</param>
public sealed record MediaKey(string Id, byte[] Secret)
{
    /// <summary>Its id only.</summary>
    public override string ToString() => Id;
}

/// <summary>One key per owner, derived (HKDF-SHA256, RFC 5869) from a master key; master keys that were replaced still open what they sealed.</summary>
public sealed class DerivedMediaKeys : IMediaKeys
{
    /// <summary>Bytes of a master key.</summary>
    public const int KeyBytes = 32;

    private readonly (string Id, byte[] Master)[] masters;

    /// <param name="current">Seals what is new; 32 bytes.</param>
    /// <param name="former">Only open.</param>
    /// <exception cref="ArgumentException">A key has not 32 bytes.</exception>
    public DerivedMediaKeys(byte[] current, params IReadOnlyList<byte[]> former)
    {
        masters = [.. former.Prepend(current).Select(master => (IdOf(master), master))];
    }

    public MediaKey Current(string owner) => Derive(masters[0], owner);

    public MediaKey? Find(string keyId, string owner) => Array.Find(masters, m => m.Id == keyId) is { Master: not null } found ? Derive(found, owner) : null;

    private static MediaKey Derive((string Id, byte[] Master) from, string owner) =>
        new(from.Id, HKDF.DeriveKey(HashAlgorithmName.SHA256, from.Master, KeyBytes, info: Encoding.UTF8.GetBytes("streamplatform media owner " + owner)));

    // Tells keys apart without telling anything of the key: a hash of a hash-derived value.
    private static string IdOf(byte[] master) => master.Length == KeyBytes
        ? "m-" + Convert.ToHexStringLower(HKDF.DeriveKey(HashAlgorithmName.SHA256, master, 8, info: "streamplatform media key id"u8.ToArray()))
        : throw new ArgumentException($"a media key has {KeyBytes} bytes, this one {master.Length}");
}
