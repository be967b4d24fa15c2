using System.Security.Cryptography;
using System.Text;

namespace StreamPlatform.Resumes.Media;

/// <summary>AES-256-GCM of whole files: "SPM1", nonce (12 bytes), tag (16 bytes), ciphertext. The file's key is authenticated with it, so files cannot be exchanged.</summary>
internal sealed class MediaCipher(byte[] key)
{
    public const int KeyBytes = 32;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private static ReadOnlySpan<byte> Magic => "SPM1"u8;

    public static int Overhead => Magic.Length + NonceBytes + TagBytes;

    public byte[] Seal(ReadOnlySpan<byte> content, string name)
    {
        var sealedFile = new byte[Overhead + content.Length];
        Magic.CopyTo(sealedFile);
        var nonce = sealedFile.AsSpan(Magic.Length, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(key, TagBytes);
        aes.Encrypt(nonce, content, sealedFile.AsSpan(Overhead), sealedFile.AsSpan(Magic.Length + NonceBytes, TagBytes), Encoding.UTF8.GetBytes(name));
        return sealedFile;
    }

    /// <exception cref="InvalidDataException">The file was changed, or sealed with another key.</exception>
    public byte[] Open(ReadOnlySpan<byte> sealedFile, string name)
    {
        if (sealedFile.Length < Overhead || !sealedFile.StartsWith(Magic))
        {
            throw new InvalidDataException("it is not a file of this store");
        }

        var content = new byte[sealedFile.Length - Overhead];
        using var aes = new AesGcm(key, TagBytes);
        try
        {
            aes.Decrypt(sealedFile.Slice(Magic.Length, NonceBytes), sealedFile[Overhead..], sealedFile.Slice(Magic.Length + NonceBytes, TagBytes), content, Encoding.UTF8.GetBytes(name));
            return content;
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw new InvalidDataException("it was changed, or stored with another key", e);
        }
    }
}
