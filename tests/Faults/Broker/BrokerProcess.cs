using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace StreamPlatform.Tests.Faults.Broker;

/// <summary>The embedded broker in a process of its own (`streamplatform internal broker`), on a data directory that is deleted at the end.</summary>
internal sealed class BrokerProcess : IAsyncDisposable
{
    private readonly string data = Path.Combine(Path.GetTempPath(), "faults-broker-" + Guid.NewGuid().ToString("N"));
    private readonly int port = FreePort();
    private readonly List<string> log = [];
    private Process? process;

    public string BootstrapServers => $"127.0.0.1:{port}";

    /// <summary>Starts on the data there is and returns how long it took until the broker served.</summary>
    public async Task<TimeSpan> StartAsync()
    {
        var clock = Stopwatch.StartNew();
        var program = Path.Combine(AppContext.BaseDirectory, "streamplatform.dll");
        process = Process.Start(new ProcessStartInfo("dotnet", [program, "internal", "broker", "--data", data, "--port", $"{port}"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        process.ErrorDataReceived += (_, line) => Remember(line.Data);
        process.BeginErrorReadLine();
        var ready = await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.True(ready == $"ready {BootstrapServers}", $"the broker did not start: {ready}\n{Log}");
        return clock.Elapsed;
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
        if (process is not null)
        {
            await KillAsync();
        }

        Directory.Delete(data, recursive: true);
    }

    public string Log
    {
        get
        {
            lock (log)
            {
                return string.Join('\n', log);
            }
        }
    }

    private void Remember(string? line)
    {
        lock (log)
        {
            log.Add(line ?? "");
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
