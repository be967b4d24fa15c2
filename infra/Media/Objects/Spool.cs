using System.Buffers;
using System.Security.Cryptography;

namespace StreamPlatform.Media.Objects;

/// <summary>Copies a stream into a file while hashing it: an object's name is known only at its end.</summary>
internal static class Spool
{
    private const int BufferBytes = 128 * 1024;

    /// <returns>SHA-256 in lower-case hexadecimal, and the size in bytes.</returns>
    /// <exception cref="InvalidDataException">The content is empty or larger than <paramref name="maxBytes"/>.</exception>
    public static async Task<(string Sha256, long Bytes)> CopyAsync(Stream content, FileStream file, long maxBytes, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            long bytes = 0;
            for (int read; (read = await content.ReadAsync(buffer.AsMemory(0, BufferBytes), cancellationToken).ConfigureAwait(false)) > 0; bytes += read)
            {
                if (bytes + read > maxBytes)
                {
                    throw new InvalidDataException($"the content has more than {maxBytes} bytes, the most that is stored as one object");
                }

                hash.AppendData(buffer.AsSpan(0, read));
                await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
            }

            return bytes > 0 ? (Convert.ToHexStringLower(hash.GetHashAndReset()), bytes) : throw new InvalidDataException("the content is empty");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
