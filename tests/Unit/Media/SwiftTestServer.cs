using System.Diagnostics;
using System.Globalization;
using Amazon.S3;
using StreamPlatform.Media.Objects;
using StreamPlatform.Tests.Unit.House;

namespace StreamPlatform.Tests.Unit.Media;

/// <summary>OpenStack Swift with its S3 API, which checks every signature, on a free port; what it holds is in its memory. Skips where Debian's python3-swift is not installed.</summary>
public sealed class SwiftTestServer : IAsyncLifetime
{
    public const string AccessKey = "media:recorder";
    public const string SecretKey = "a-secret-of-tests";

    private const string Python = "/usr/bin/python3"; // Debian's, which sees Debian's modules

    private readonly string folder = Directory.CreateTempSubdirectory("swift-").FullName;
    private Process? server;
    private int port;

    public async ValueTask InitializeAsync()
    {
        if (!Directory.Exists("/usr/lib/python3/dist-packages/swift"))
        {
            return; // every test skips itself
        }

        server = Process.Start(new ProcessStartInfo(Python, [Repository.File("tests/Unit/Media/swift-s3.py"), folder, AccessKey, SecretKey])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true,
        })!;
        var line = await server.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(60));
        port = int.Parse(line!, CultureInfo.InvariantCulture);
        using var client = Client();
        await client.PutBucketAsync("media", TestContext.Current.CancellationToken);
    }

    /// <summary>Port of the server; skips the test where it is not installed.</summary>
    public int Port
    {
        get
        {
            Assert.SkipWhen(server is null, "apt-get install python3-swift");
            return port;
        }
    }

    public S3Options Options(string prefix) => Options(prefix, Port);

    /// <param name="at">A port of something between client and server.</param>
    public static S3Options Options(string prefix, int at) => new()
    {
        Location = MediaLocation.Parse($"s3://media/{prefix}?endpoint=http://127.0.0.1:{at}&region=us-east-1"), AccessKey = AccessKey, SecretKey = SecretKey, PartMiB = 5, Retries = 1, TimeoutSeconds = 20,
    };

    /// <summary>The maker's client, for what the store does not do.</summary>
    public AmazonS3Client Client() => new(AccessKey, SecretKey, new AmazonS3Config
    {
        ServiceURL = $"http://127.0.0.1:{Port}", AuthenticationRegion = "us-east-1", ForcePathStyle = true, RequestChecksumCalculation = Amazon.Runtime.RequestChecksumCalculation.WHEN_REQUIRED,
    });

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
        {
            server.StandardInput.Close();
            await server.WaitForExitAsync(CancellationToken.None);
            server.Dispose();
        }

        Directory.Delete(folder, recursive: true);
    }
}
