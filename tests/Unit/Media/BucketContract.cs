using Amazon.S3;
using StreamPlatform.Media.Objects;

namespace StreamPlatform.Tests.Unit.Media;

/// <summary>The contract on a bucket of some server. Parts are 5 MiB, so that large streams go up in parts.</summary>
public abstract class BucketContract : ObjectStoreContract, IDisposable
{
    private readonly List<S3ObjectStore> opened = [];

    /// <summary>Where this test's objects lie.</summary>
    protected string Prefix { get; } = "t" + Guid.NewGuid().ToString("N")[..8];

    public void Dispose()
    {
        opened.ForEach(store => store.Dispose());
        GC.SuppressFinalize(this);
    }

    /// <summary>Of the server's bucket "media", below <see cref="Prefix"/>.</summary>
    protected abstract S3Options Options();

    /// <summary>Another client of the server, past the store.</summary>
    protected abstract AmazonS3Client Client();

    protected override IObjectStore Open(long maxBytes = 64 << 20)
    {
        var options = Options();
        options.MaxBytes = maxBytes;
        return Open(options);
    }

    protected IObjectStore Open(S3Options options)
    {
        var store = new S3ObjectStore(options, TimeProvider.System);
        opened.Add(store);
        return store;
    }

    protected override async Task TamperAsync(string key)
    {
        using var client = Client();
        await client.PutObjectAsync(new() { BucketName = "media", Key = $"{Prefix}/{key}", ContentBody = "what was changed", UseChunkEncoding = false }, Ct);
    }
}
