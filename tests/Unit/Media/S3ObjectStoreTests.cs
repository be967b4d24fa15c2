using System.Net;
using System.Net.Sockets;
using Amazon.S3;
using StreamPlatform.Media.Objects;
using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Media;

/// <summary>The contract on s3rver, and what only a bucket has.</summary>
[Collection("whole process")] // it counts what the process allocates
public sealed class S3ObjectStoreTests(S3TestServer server) : BucketContract, IClassFixture<S3TestServer>
{
    protected override S3Options Options() => server.Options(Prefix);

    protected override AmazonS3Client Client() => new("S3RVER", "S3RVER", new AmazonS3Config
    {
        ServiceURL = $"http://127.0.0.1:{server.Port}", ForcePathStyle = true, RequestChecksumCalculation = Amazon.Runtime.RequestChecksumCalculation.WHEN_REQUIRED,
    });

    [Fact]
    public async Task What_is_no_object_of_the_store_is_left_out()
    {
        var store = Open();
        using var client = Client();
        await client.PutObjectAsync(new() { BucketName = "media", Key = $"{Prefix}/notes.txt", ContentBody = "by hand", UseChunkEncoding = false }, Ct);
        var stored = await store.PutAsync("a", new MemoryStream([1]), Ct);
        Assert.Equal([stored.Key], await ListAsync(store, ""));
    }

    [Fact]
    public async Task A_server_that_cannot_list_open_uploads_does_not_end_a_sweep() => // s3rver answers 501
        Assert.Equal(0, await Open().DeleteLeftoversAsync(TimeSpan.FromHours(1), Ct));

    [Fact]
    public async Task A_bucket_that_is_not_there_and_wrong_credentials_are_told_without_secrets()
    {
        var options = Options();
        options.Location = options.Location! with { Bucket = "nobodys" };
        var missing = await Assert.ThrowsAsync<IOException>(() => Open(options).PutAsync("a", new MemoryStream([1]), Ct));
        Assert.Contains("NoSuchBucket", missing.Message, StringComparison.Ordinal);
        options = Options();
        (options.AccessKey, options.SecretKey) = ("NOBODY", "not-the-secret");
        var wrong = await Assert.ThrowsAsync<IOException>(() => Open(options).PutAsync("a", new MemoryStream([1]), Ct));
        Assert.Contains("403", wrong.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("not-the-secret", wrong.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_left_alone_after_a_few_attempts_and_asked_again_later()
    {
        using var nobody = new TcpListener(IPAddress.Loopback, 0);
        nobody.Start();
        var address = $"http://127.0.0.1:{((IPEndPoint)nobody.LocalEndpoint).Port}";
        nobody.Stop();
        var time = new VirtualTime();
        using var store = new S3ObjectStore(
            new() { Location = MediaLocation.Parse($"s3://media?endpoint={address}"), AccessKey = "a", SecretKey = "b", Retries = 0, TimeoutSeconds = 2 }, time);
        var key = $"a/{new string('0', 64)}";
        for (var i = 0; i < 5; i++)
        {
            Assert.Contains("did not answer", (await Assert.ThrowsAsync<IOException>(() => store.OpenAsync(key, Ct))).Message, StringComparison.Ordinal);
        }

        Assert.Contains("left alone", (await Assert.ThrowsAsync<IOException>(() => store.OpenAsync(key, Ct))).Message, StringComparison.Ordinal);
        time.Advance(TimeSpan.FromSeconds(16));
        Assert.Contains("did not answer", (await Assert.ThrowsAsync<IOException>(() => store.OpenAsync(key, Ct))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("s3://no")]
    [InlineData("s3://bucket/../up")]
    [InlineData("s3://bucket?endpoint=ftp://host")]
    [InlineData("s3://bucket?endpoint=http://user:secret@host")]
    [InlineData("s3://bucket?secret=abc")]
    [InlineData("https://bucket")]
    [InlineData("")]
    public void A_location_that_is_none_is_refused_without_repeating_secrets(string text)
    {
        var error = Assert.Throws<ArgumentException>(() => MediaLocation.Parse(text));
        Assert.StartsWith("--media", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret@", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("abc", error.Message, StringComparison.Ordinal);
    }
}
