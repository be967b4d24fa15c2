using System.Security.Cryptography;
using StreamPlatform.Media.Objects;

namespace StreamPlatform.Media.Sealing;

/// <summary>Plain content sealed while it is read; holds two chunks. After its end <see cref="Sha256"/> and <see cref="Bytes"/> tell of the plain content.</summary>
internal sealed class SealingStream : ReadOnlyStream
{
    private readonly byte[] header;
    private readonly byte[] bound;
    private readonly AesGcm aes;
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly long maxBytes;
    private byte[] chunk = new byte[SealedFormat.ChunkBytes];
    private byte[] next = new byte[SealedFormat.ChunkBytes];
    private readonly byte[] output = new byte[SealedFormat.ChunkBytes + SealedFormat.TagBytes];
    private ReadOnlyMemory<byte> ready;
    private int held = -1; // bytes in chunk; below 0 before the first
    private uint number;
    private bool finished;

    public SealingStream(Stream plain, MediaKey key, string owner, long maxBytes)
        : base(plain)
    {
        header = SealedFormat.Header(key.Id);
        bound = SealedFormat.Bound(header, owner);
        aes = new AesGcm(key.Secret, SealedFormat.TagBytes);
        this.maxBytes = maxBytes;
        ready = header;
    }

    /// <summary>Plain bytes read so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>Of the plain content, lower-case hexadecimal; empty before the end.</summary>
    public string Sha256 { get; private set; } = "";

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (ready.IsEmpty && !finished)
        {
            await FillAsync(cancellationToken).ConfigureAwait(false);
        }

        var copied = Math.Min(buffer.Length, ready.Length);
        ready[..copied].CopyTo(buffer);
        ready = ready[copied..];
        return copied;
    }

    protected override void Dispose(bool disposing)
    {
        aes.Dispose();
        hash.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Seals the chunk held; whether it is the last is known once the next was read.</summary>
    private async Task FillAsync(CancellationToken cancellationToken)
    {
        if (held < 0)
        {
            held = await ReadChunkAsync(chunk, cancellationToken).ConfigureAwait(false);
        }

        var following = held < SealedFormat.ChunkBytes ? 0 : await ReadChunkAsync(next, cancellationToken).ConfigureAwait(false);
        finished = following == 0;
        if (Bytes == 0)
        {
            throw new InvalidDataException("the file is empty");
        }

        SealedFormat.Seal(aes, header, bound, number++, finished, chunk.AsSpan(0, held), output);
        ready = output.AsMemory(0, held + SealedFormat.TagBytes);
        (chunk, next, held) = (next, chunk, following);
        if (finished)
        {
            Sha256 = Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }

    private async Task<int> ReadChunkAsync(byte[] into, CancellationToken cancellationToken)
    {
        var read = await Inner.ReadAtLeastAsync(into, into.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        hash.AppendData(into, 0, read);
        Bytes += read;
        return Bytes <= maxBytes ? read : throw new InvalidDataException($"the file has more than {maxBytes} bytes, the most that is taken");
    }
}
