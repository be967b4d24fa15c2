using System.Security.Cryptography;

namespace StreamPlatform.Media.Objects;

/// <summary>An object's content, hashed on its way: its end throws <see cref="InvalidDataException"/> when it is not the content of the name.</summary>
internal sealed class VerifyingStream(Stream inner, string sha256) : ReadOnlyStream(inner)
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private bool ended;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (ended || buffer.Length == 0)
        {
            return 0;
        }

        var read = await Inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        if (read > 0)
        {
            hash.AppendData(buffer.Span[..read]);
            return read;
        }

        ended = true;
        return Convert.ToHexStringLower(hash.GetHashAndReset()) == sha256 ? 0 : throw new InvalidDataException("the stored object is not the one of its name: it was changed or cut short");
    }

    protected override void Dispose(bool disposing)
    {
        hash.Dispose();
        base.Dispose(disposing);
    }
}
