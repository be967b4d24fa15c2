using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace StreamPlatform.Tests.EndToEnd.Support;

/// <summary>A real Apache Kafka for one test; the test is skipped where there is none.</summary>
public sealed class ApacheKafka : IAsyncDisposable
{
    private readonly string script;
    private readonly string data;
    private readonly int port;

    private ApacheKafka(string script, string data, int port)
    {
        this.script = script;
        this.data = data;
        this.port = port;
    }

    public string BootstrapServers => $"127.0.0.1:{port}";

    public static async Task<ApacheKafka> StartAsync()
    {
        var script = Repository.Engines is { } engines ? Path.Combine(engines, "kafka", "kafka") : null;
        if (script is null || !File.Exists(script))
        {
            Assert.Skip("no real Apache Kafka: set STREAMPLATFORM_ENGINES to the folder of the engines");
        }

        if (!Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(p => File.Exists(Path.Combine(p, "java"))))
        {
            Assert.Skip("no java for Apache Kafka");
        }

        var port = FreePortPair();
        var kafka = new ApacheKafka(script!, Path.Combine(Path.GetTempPath(), "sp-kafka-" + Guid.NewGuid().ToString("N")[..8]), port);
        await kafka.RunAsync("start");
        return kafka;
    }

    public async ValueTask DisposeAsync()
    {
        await RunAsync("kill");
        if (Directory.Exists(data))
        {
            Directory.Delete(data, recursive: true);
        }
    }

    // The script takes the controller's port to be the next one.
    private static int FreePortPair()
    {
        while (true)
        {
            using var first = new TcpListener(IPAddress.Loopback, 0);
            first.Start();
            var port = ((IPEndPoint)first.LocalEndpoint).Port;
            try
            {
                using var second = new TcpListener(IPAddress.Loopback, port + 1);
                second.Start();
                return port;
            }
            catch (SocketException)
            {
                // the neighbour is taken: try another pair
            }
        }
    }

    private async Task RunAsync(string command)
    {
        var start = new ProcessStartInfo("bash") { RedirectStandardOutput = true };
        foreach (var arg in new[] { script, command, data, port.ToString() })
        {
            start.ArgumentList.Add(arg);
        }

        using var process = Process.Start(start)!;
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(2));
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"kafka {command} ended with {process.ExitCode}");
        }
    }
}
