using System.Diagnostics;
using System.Globalization;
using StreamPlatform.Media.Objects;
using StreamPlatform.Tests.Unit.House;

namespace StreamPlatform.Tests.Unit.Media;

/// <summary>s3rver, an S3 server of another maker, on a directory of its own. It checks that a key is known, not the signature; its pages need a cipher of old OpenSSL.</summary>
public sealed class S3TestServer : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("s3-").FullName;
    private Process? server;
    private int port;

    public async ValueTask InitializeAsync()
    {
        if (!Directory.Exists(Repository.File("tests/js/node_modules/s3rver")))
        {
            return; // every test skips itself
        }

        server = Process.Start(new ProcessStartInfo("node", ["--openssl-legacy-provider", Repository.File("tests/js/media/s3-server.mjs"), folder])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true,
        })!;
        port = int.Parse((await server.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken))!, CultureInfo.InvariantCulture);
    }

    /// <summary>The bucket that the server has made.</summary>
    public S3Options Options(string prefix, int partMiB = 5) => new()
    {
        Location = MediaLocation.Parse($"s3://media/{prefix}?endpoint=http://127.0.0.1:{Port}"), AccessKey = "S3RVER", SecretKey = "S3RVER", PartMiB = partMiB, Retries = 1, TimeoutSeconds = 20,
    };

    /// <summary>Port of the server; skips the test where it is not installed.</summary>
    public int Port
    {
        get
        {
            Assert.SkipWhen(server is null, "s3rver is not installed: ./streamplatform test brings it");
            return port;
        }
    }

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
