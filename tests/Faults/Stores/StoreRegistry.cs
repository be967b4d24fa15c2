using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace StreamPlatform.Tests.Faults.Stores;

/// <summary>A registry that a test kills and starts again at the same address.</summary>
internal sealed class StoreRegistry(string bootstrapServers) : IAsyncDisposable
{
    private readonly int port = FreePort();
    private Process? process;

    public string Url => $"http://127.0.0.1:{port}";

    public async Task StartAsync()
    {
        process = Process.Start(new ProcessStartInfo("dotnet", [typeof(StoreRegistry).Assembly.Location, "registry-host", bootstrapServers, $"{port}"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true,
        })!;
        Assert.Equal("ready", await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(90)));
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        process!.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        process = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null) await KillAsync();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
