using System.Net;
using System.Net.Sockets;
using Amazon.S3;
using StreamPlatform.Media.Objects;

namespace StreamPlatform.Tests.Unit.Media;

/// <summary>The contract against a server that is used in production and checks signatures: OpenStack Swift.</summary>
[Collection("whole process")] // it counts what the process allocates
public sealed class SwiftObjectStoreTests(SwiftTestServer server) : BucketContract, IClassFixture<SwiftTestServer>
{
    protected override S3Options Options() => server.Options(Prefix);

    protected override AmazonS3Client Client() => server.Client();

    [Fact]
    public async Task A_signature_by_another_secret_is_refused()
    {
        var options = Options();
        options.SecretKey = "not-the-secret";
        var refused = await Assert.ThrowsAsync<IOException>(() => Open(options).PutAsync("a", new MemoryStream([1]), Ct));
        Assert.Contains("SignatureDoesNotMatch", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("not-the-secret", refused.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(6 << 20)]
    public async Task Content_that_is_changed_on_its_way_is_refused_by_what_was_signed(int bytes)
    {
        var content = new byte[bytes];
        content.AsSpan().Fill((byte)'p');
        await using var between = new ChangingRelay(server.Port, (byte)'p', (byte)'q');
        var refused = await Assert.ThrowsAsync<IOException>(() => Open(SwiftTestServer.Options(Prefix, between.Port)).PutAsync("a", new MemoryStream(content), Ct));
        Assert.True(between.Changed, refused.Message);
        Assert.Empty(await ListAsync(Open(), "a"));
    }

    /// <summary>Passes bytes on; in what the client sends, a run of 64 equal bytes has its last one changed.</summary>
    private sealed class ChangingRelay : IAsyncDisposable
    {
        private readonly TcpListener listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource stop = new();
        private readonly byte from;
        private readonly byte to;
        private readonly Task accepting;

        public ChangingRelay(int port, byte from, byte to)
        {
            (this.from, this.to) = (from, to);
            listener.Start();
            accepting = AcceptAsync(port);
        }

        public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

        public bool Changed { get; private set; }

        public async ValueTask DisposeAsync()
        {
            await stop.CancelAsync();
            await accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            listener.Dispose();
            stop.Dispose();
        }

        private async Task AcceptAsync(int port)
        {
            List<Task> relays = [];
            while (!stop.IsCancellationRequested)
            {
                relays.Add(RelayAsync(await listener.AcceptTcpClientAsync(stop.Token), port));
            }

            await Task.WhenAll(relays);
        }

        private async Task RelayAsync(TcpClient client, int port)
        {
            using (client)
            using (var server = new TcpClient())
            {
                await server.ConnectAsync(IPAddress.Loopback, port, stop.Token);
                await Task.WhenAny(PassAsync(client.GetStream(), server.GetStream(), change: true), PassAsync(server.GetStream(), client.GetStream(), change: false));
            }
        }

        private async Task PassAsync(NetworkStream source, NetworkStream target, bool change)
        {
            var buffer = new byte[16 * 1024];
            for (int read; (read = await source.ReadAsync(buffer, stop.Token)) > 0;)
            {
                var run = change ? buffer.AsSpan(0, read).IndexOf(Enumerable.Repeat(from, 64).ToArray()) : -1;
                if (run >= 0)
                {
                    buffer[run + 63] = to;
                    Changed = true;
                }

                await target.WriteAsync(buffer.AsMemory(0, read), stop.Token);
            }
        }
    }
}
