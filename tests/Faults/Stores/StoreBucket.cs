using System.Diagnostics;
using System.Globalization;
using StreamPlatform.Media.Objects;
using StreamPlatform.Tests.EndToEnd.Support;

namespace StreamPlatform.Tests.Faults.Stores;

/// <summary>A bucket of s3rver, an S3 server of another maker, that a test kills and starts again on the same files and port.</summary>
internal sealed class StoreBucket : IAsyncDisposable
{
    public const string AccessKey = "S3RVER";
    private const string Bucket = "media";
    private static readonly TimeSpan PortPatience = TimeSpan.FromSeconds(30);

    private readonly string folder = Directory.CreateTempSubdirectory("faults-s3-").FullName;
    private int port;
    private Process? server;

    /// <summary>As --media takes it.</summary>
    public string Location => $"s3://{Bucket}/faults?endpoint=http://127.0.0.1:{port}";

    /// <summary>Skips the test where s3rver is not installed.</summary>
    public static async Task<StoreBucket> StartAsync()
    {
        Assert.SkipUnless(Directory.Exists(Path.Combine(Repository.Js, "node_modules", "s3rver")), "s3rver is not installed: ./streamplatform test brings it");
        var bucket = new StoreBucket();
        try
        {
            await bucket.StartAgainAsync();
            return bucket;
        }
        catch
        {
            await bucket.DisposeAsync();
            throw;
        }
    }

    /// <summary>At the port it had. Other tests' connections take ports of the same range: while one of them has it, the start is tried again.</summary>
    public async Task StartAgainAsync()
    {
        for (var clock = Stopwatch.StartNew(); ; await Task.Delay(TimeSpan.FromMilliseconds(500)))
        {
            server = Process.Start(new ProcessStartInfo("node", ["--openssl-legacy-provider", Path.Combine(Repository.Js, "media", "s3-server.mjs"), folder, $"{port}"])
            {
                RedirectStandardInput = true, RedirectStandardOutput = true,
            })!;
            var line = await server.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60));
            if (int.TryParse(line, CultureInfo.InvariantCulture, out var listening))
            {
                port = listening;
                return;
            }

            await KillAsync();
            Assert.True(port != 0 && clock.Elapsed < PortPatience, $"s3rver did not start: {line}");
        }
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        server!.Kill();
        await server.WaitForExitAsync();
        server.Dispose();
        server = null;
    }

    /// <summary>The bucket as the product opens it by default, with parts of 5 MiB.</summary>
    public S3ObjectStore Open() => new(new() { Location = MediaLocation.Parse(Location), AccessKey = AccessKey, SecretKey = AccessKey, PartMiB = 5 }, TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        if (server is not null) await KillAsync();
        Directory.Delete(folder, recursive: true);
    }
}
