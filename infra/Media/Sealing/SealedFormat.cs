using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace StreamPlatform.Media.Sealing;

/// <summary>
/// Sealed content: "SPM2", length of the key id (1 byte), key id (ASCII), nonce prefix (7 bytes); then chunks of 64 KiB, the last shorter (or empty), each AES-256-GCM
/// with its tag (16 bytes) behind it. A chunk's nonce is prefix, number (4 bytes, big-endian), 1 for the last else 0, and what is authenticated with it are header and owner:
/// chunks cannot be changed, moved, left out, cut off at the end or put into another owner's file (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015).
/// </summary>
internal static class SealedFormat
{
    public const int ChunkBytes = 64 * 1024;
    public const int TagBytes = 16;
    public const int PrefixBytes = 7;
    public const int MaxKeyId = 64;

    private const int NonceBytes = 12;

    public static ReadOnlySpan<byte> Magic => "SPM2"u8;

    public static byte[] Header(string keyId)
    {
        if (keyId.Length is 0 or > MaxKeyId || !keyId.All(IsIdCharacter))
        {
            throw new ArgumentException("a key's id has 1 to 64 letters, digits, '-' and '_'");
        }

        var header = new byte[Magic.Length + 1 + keyId.Length + PrefixBytes];
        Magic.CopyTo(header);
        header[Magic.Length] = (byte)keyId.Length;
        Encoding.ASCII.GetBytes(keyId, header.AsSpan(Magic.Length + 1));
        RandomNumberGenerator.Fill(header.AsSpan(header.Length - PrefixBytes));
        return header;
    }

    public static bool IsIdCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_';

    /// <summary>What every chunk authenticates.</summary>
    public static byte[] Bound(byte[] header, string owner) => [.. header, .. Encoding.UTF8.GetBytes(owner)];

    public static void Seal(AesGcm aes, byte[] header, byte[] bound, uint number, bool last, ReadOnlySpan<byte> chunk, Span<byte> into)
    {
        Span<byte> nonce = stackalloc byte[NonceBytes];
        Nonce(nonce, header, number, last);
        aes.Encrypt(nonce, chunk, into[..chunk.Length], into.Slice(chunk.Length, TagBytes), bound);
    }

    /// <exception cref="InvalidDataException">It was changed, or sealed for another owner or with another key.</exception>
    public static void Open(AesGcm aes, byte[] header, byte[] bound, uint number, bool last, ReadOnlySpan<byte> sealedChunk, Span<byte> into)
    {
        Span<byte> nonce = stackalloc byte[NonceBytes];
        Nonce(nonce, header, number, last);
        try
        {
            aes.Decrypt(nonce, sealedChunk[..^TagBytes], sealedChunk[^TagBytes..], into, bound);
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw new InvalidDataException("it was changed, cut short, or sealed for another owner", e);
        }
    }

    private static void Nonce(Span<byte> nonce, byte[] header, uint number, bool last)
    {
        header.AsSpan(header.Length - PrefixBytes).CopyTo(nonce);
        BinaryPrimitives.WriteUInt32BigEndian(nonce[PrefixBytes..], number);
        nonce[^1] = last ? (byte)1 : (byte)0;
    }
}
