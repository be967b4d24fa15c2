using System.Security.Cryptography;
using System.Text;
using StreamPlatform.Media.Objects;

namespace StreamPlatform.Media.Sealing;

/// <summary>Sealed content opened while it is read: nothing comes out that was not authenticated, and an end that is not the sealed one throws.</summary>
internal sealed class OpeningStream : ReadOnlyStream
{
    private const int SealedBytes = SealedFormat.ChunkBytes + SealedFormat.TagBytes;

    private readonly byte[] header;
    private readonly byte[] bound;
    private readonly AesGcm aes;
    private byte[] chunk = new byte[SealedBytes];
    private byte[] next = new byte[SealedBytes];
    private readonly byte[] output = new byte[SealedFormat.ChunkBytes];
    private ReadOnlyMemory<byte> ready;
    private int held = -1;
    private uint number;
    private bool finished;

    private OpeningStream(Stream inner, byte[] header, MediaKey key, string owner)
        : base(inner)
    {
        this.header = header;
        bound = SealedFormat.Bound(header, owner);
        aes = new AesGcm(key.Secret, SealedFormat.TagBytes);
    }

    /// <summary>Reads the header and finds its key.</summary>
    /// <exception cref="InvalidDataException">It is not sealed content, or its key is gone.</exception>
    public static async Task<OpeningStream> CreateAsync(Stream content, IMediaKeys keys, string owner, CancellationToken cancellationToken)
    {
        var start = new byte[SealedFormat.Magic.Length + 1];
        if (await content.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false) < start.Length
            || !start.AsSpan().StartsWith(SealedFormat.Magic) || start[^1] is 0 or > SealedFormat.MaxKeyId)
        {
            throw new InvalidDataException("it is not a file of this store");
        }

        var rest = new byte[start[^1] + SealedFormat.PrefixBytes];
        if (await content.ReadAtLeastAsync(rest, rest.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false) < rest.Length)
        {
            throw new InvalidDataException("it is not a file of this store");
        }

        var keyId = Encoding.ASCII.GetString(rest, 0, start[^1]);
        var key = keys.Find(keyId, owner) ?? throw new InvalidDataException($"its key {(keyId.All(SealedFormat.IsIdCharacter) ? keyId : "")} is not known: it was erased, or was never here");
        return new OpeningStream(content, [.. start, .. rest], key, owner);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.Length == 0)
        {
            return 0;
        }

        while (ready.IsEmpty && !finished)
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
        base.Dispose(disposing);
    }

    private async Task FillAsync(CancellationToken cancellationToken)
    {
        if (held < 0)
        {
            held = await Inner.ReadAtLeastAsync(chunk, SealedBytes, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        }

        var following = await Inner.ReadAtLeastAsync(next, SealedBytes, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        var last = following == 0;
        if (held < SealedFormat.TagBytes)
        {
            throw new InvalidDataException("it was cut short");
        }

        SealedFormat.Open(aes, header, bound, number++, last, chunk.AsSpan(0, held), output.AsSpan(0, held - SealedFormat.TagBytes));
        ready = output.AsMemory(0, held - SealedFormat.TagBytes);
        (chunk, next, held) = (next, chunk, following);
        finished = last;
    }
}
