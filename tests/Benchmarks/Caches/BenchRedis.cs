using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using StreamPlatform.Caching;

namespace StreamPlatform.Tests.Benchmarks.Caches;

/// <summary>One redis-server for one benchmark, without a disk.</summary>
internal sealed class BenchRedis : IAsyncDisposable
{
    private readonly Process server;
    private readonly int port;

    private BenchRedis(Process server, int port) => (this.server, this.port) = (server, port);

    /// <exception cref="BenchFailedException">It is not installed, or did not start.</exception>
    public static async Task<BenchRedis> StartAsync()
    {
        var port = FreePort();
        try
        {
            var server = Process.Start(new ProcessStartInfo("redis-server", ["--port", $"{port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]) { RedirectStandardOutput = true })!;
            while (await server.StandardOutput.ReadLineAsync() is { } line)
            {
                if (line.Contains("Ready to accept", StringComparison.Ordinal))
                {
                    _ = server.StandardOutput.ReadToEndAsync();
                    return new(server, port);
                }
            }

            throw new BenchFailedException("redis-server did not start");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new BenchFailedException("redis-server is not installed: apt-get install redis-server");
        }
    }

    public Task<RedisTier> ConnectAsync() => RedisTier.ConnectAsync($"127.0.0.1:{port}", TimeProvider.System, NullLogger<RedisTier>.Instance);

    public async ValueTask DisposeAsync()
    {
        server.Kill();
        await server.WaitForExitAsync();
        server.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
