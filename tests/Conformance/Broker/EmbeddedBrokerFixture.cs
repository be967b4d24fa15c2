using System.Diagnostics;

namespace StreamPlatform.Tests.Conformance.Broker;

/// <summary>The embedded broker in a process of its own (this executable as "broker-host"), so that it can be killed.</summary>
public sealed class EmbeddedBrokerFixture : IBrokerUnderTest, IAsyncLifetime
{
    private readonly string data = Path.Combine(Path.GetTempPath(), "conformance-embedded-" + Guid.NewGuid().ToString("N"));
    private readonly int port = Engines.FreePortPair();
    private readonly List<string> log = [];
    private Process? process;

    public string BootstrapServers => $"127.0.0.1:{port}";

    public string? SkipReason => null;

    public async ValueTask InitializeAsync()
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        // the same time-outs as the judge's
        foreach (var argument in (string[])
            [typeof(EmbeddedBrokerFixture).Assembly.Location, "broker-host", "--data", data, "--port", $"{port}", "--min-session-timeout-ms", "500", "--abort-check-ms", "500"])
        {
            start.ArgumentList.Add(argument);
        }

        process = Process.Start(start)!;
        process.ErrorDataReceived += (_, line) => Remember(line.Data);
        process.BeginErrorReadLine();
        var ready = await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30));
        if (ready != $"ready {BootstrapServers}")
        {
            throw new InvalidOperationException($"the embedded broker did not start: {ready}\n{Log()}");
        }
    }

    public async Task RestartAsync()
    {
        await StopAsync();
        await InitializeAsync();
    }

    public async Task CrashAndRestartAsync()
    {
        process!.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        await InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (Environment.GetEnvironmentVariable("CONFORMANCE_BROKER_LOG") is { Length: > 0 } file)
        {
            await File.WriteAllTextAsync(file, Log());
        }

        Directory.Delete(data, recursive: true);
    }

    private async Task StopAsync()
    {
        process!.StandardInput.Close();
        await process.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token);
        var code = process.ExitCode;
        process.Dispose();
        if (code != 0)
        {
            throw new InvalidOperationException($"the embedded broker ended with code {code}\n{Log()}");
        }
    }

    private void Remember(string? line)
    {
        if (line is not null)
        {
            lock (log)
            {
                log.Add(line);
            }
        }
    }

    private string Log()
    {
        lock (log)
        {
            return string.Join('\n', log);
        }
    }
}
