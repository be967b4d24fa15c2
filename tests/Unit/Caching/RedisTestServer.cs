using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using StreamPlatform.Caching;

namespace StreamPlatform.Tests.Unit.Caching;

/// <summary>A Redis server of its own, that can be killed and started again on the same port.</summary>
public sealed class RedisTestServer : IAsyncLifetime
{
    private readonly int port = FreePort();
    private Process? server;

    public string Address => $"127.0.0.1:{port}";

    public ValueTask InitializeAsync() => new(StartAsync());

    /// <summary>Skips the test where Redis is not installed.</summary>
    /// <param name="requestTimeoutMs">As long as that a busy machine does not look like a Redis that is away; tests that kill Redis take the product's 500.</param>
    public async Task<RedisTier> ConnectAsync(int requestTimeoutMs = 60_000)
    {
        Assert.SkipWhen(server is null, "redis-server is not installed: apt-get install redis-server");
        var tier = await RedisTier.ConnectAsync(Address, TimeProvider.System, NullLogger<RedisTier>.Instance, requestTimeoutMs);
        for (var since = Stopwatch.GetTimestamp(); ; await Task.Delay(50))
        {
            try
            {
                await tier.PingAsync(CancellationToken.None); // on a busy machine it may come back before it is connected
                return tier;
            }
            catch (Exception e) when (e is StackExchange.Redis.RedisException or TimeoutException && Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(30))
            {
                // not yet
            }
        }
    }

    /// <summary>Ends when it answers.</summary>
    public async Task StartAsync()
    {
        try
        {
            server = Process.Start(new ProcessStartInfo("redis-server", ["--port", $"{port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", Path.GetTempPath()])
            {
                RedirectStandardOutput = true,
            })!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return; // every test skips itself
        }

        while (await server.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line && !line.Contains("Ready to accept", StringComparison.Ordinal))
        {
        }

        _ = server.StandardOutput.ReadToEndAsync(CancellationToken.None);
    }

    public async Task KillAsync()
    {
        if (server is not null)
        {
            server.Kill();
            await server.WaitForExitAsync(CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        server?.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
