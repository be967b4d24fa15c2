using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace StreamPlatform.Tests.EndToEnd.Support;

/// <summary>The platform as a process of its own, so that it can be interrupted and killed as a user's would be.</summary>
public sealed partial class PlatformProcess : IAsyncDisposable
{
    private readonly Process process;
    private readonly StringBuilder errors = new();
    private readonly StringBuilder output = new();
    private readonly ConcurrentDictionary<Regex, TaskCompletionSource<Match>> waits = new();

    private PlatformProcess(Process process) => this.process = process;

    /// <summary>Everything written to stderr so far.</summary>
    public string Errors
    {
        get
        {
            lock (errors)
            {
                return errors.ToString();
            }
        }
    }

    /// <summary>Everything written to stdout so far.</summary>
    public string Output
    {
        get
        {
            lock (output)
            {
                return output.ToString();
            }
        }
    }

    /// <summary>Starts <c>streamplatform ARGS</c> with every port free and data in <paramref name="data"/>.</summary>
    public static PlatformProcess Start(string command, string data, params string[] args) => StartRaw(
        [command, "--data", data, "--listen", "127.0.0.1:0", "--broker-listen", "127.0.0.1:0", "--registry-listen", "127.0.0.1:0", .. args]);

    /// <summary>The same with environment variables.</summary>
    public static PlatformProcess Start(string command, string data, IReadOnlyDictionary<string, string> environment) => StartRaw(
        [command, "--data", data, "--listen", "127.0.0.1:0", "--broker-listen", "127.0.0.1:0", "--registry-listen", "127.0.0.1:0"], environment);

    /// <summary>Starts <c>streamplatform ARGS</c> with nothing added.</summary>
    public static PlatformProcess StartRaw(IReadOnlyList<string> args, IReadOnlyDictionary<string, string>? environment = null) =>
        StartProgram(Path.Combine(AppContext.BaseDirectory, "streamplatform.dll"), args, environment);

    /// <summary>Starts a service by itself, as <c>dotnet run</c> in its folder does.</summary>
    public static PlatformProcess StartService(string service, params string[] args) => StartProgram(
        Path.Combine(Repository.Root, "services", service, "bin", "Release", "net10.0", $"StreamPlatform.{service}.dll"), args, null);

    private static PlatformProcess StartProgram(string program, IReadOnlyList<string> args, IReadOnlyDictionary<string, string>? environment)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardError = true, RedirectStandardOutput = true, RedirectStandardInput = true, WorkingDirectory = Repository.Root };
        start.ArgumentList.Add(program);
        foreach (var arg in args)
        {
            start.ArgumentList.Add(arg);
        }

        start.Environment["STREAMPLATFORM_MODELS"] = Repository.Models;
        start.Environment["STREAMPLATFORM_ASSETS"] = Repository.Assets;
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        var result = new PlatformProcess(process);
        process.ErrorDataReceived += (_, e) => result.Append(result.errors, e.Data);
        process.OutputDataReceived += (_, e) => result.Append(result.output, e.Data);
        process.Start();
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        return result;
    }

    /// <summary>Waits for a line of stdout or stderr.</summary>
    public async Task<Match> LineAsync(Regex pattern, TimeSpan timeout)
    {
        var wait = waits.GetOrAdd(pattern, _ => new TaskCompletionSource<Match>(TaskCreationOptions.RunContinuationsAsynchronously));
        foreach (var line in (Errors + "\n" + Output).Split('\n'))
        {
            if (pattern.Match(line) is { Success: true } found)
            {
                return found;
            }
        }

        var exited = process.WaitForExitAsync();
        var first = await Task.WhenAny(wait.Task, exited, Task.Delay(timeout));
        if (first == wait.Task)
        {
            return await wait.Task;
        }

        throw new InvalidOperationException(
            $"'{pattern}' was not printed {(first == exited ? $"before the process ended with {process.ExitCode}" : $"within {timeout.TotalSeconds:0} s")}:\n{Errors}\n{Output}");
    }

    /// <summary>Waits for <c>up</c> to say where its pages, broker and registry are.</summary>
    public async Task<(Uri Pages, string Kafka, Uri Registry)> ReadyAsync(TimeSpan timeout)
    {
        var pages = await LineAsync(PagesLine(), timeout);
        var kafka = await LineAsync(KafkaLine(), timeout);
        var registry = await LineAsync(RegistryLine(), timeout);
        return (new Uri(pages.Groups[1].Value), kafka.Groups[1].Value, new Uri(registry.Groups[1].Value));
    }

    /// <summary>Waits for the end; returns the exit code.</summary>
    public async Task<int> ExitAsync(TimeSpan timeout)
    {
        using var limit = new CancellationTokenSource(timeout);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"the process did not end within {timeout.TotalSeconds:0} s:\n{Errors}\n{Output}");
        }

        return process.ExitCode;
    }

    /// <summary>Ctrl-C.</summary>
    public void Interrupt() => SendSignal(process.Id, 2);

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        SendSignal(process.Id, 9);
        await process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            Interrupt();
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            try
            {
                await process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync();
            }
        }

        process.Dispose();
    }

    private void Append(StringBuilder to, string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (to)
        {
            to.Append(line).Append('\n');
        }

        foreach (var (pattern, wait) in waits)
        {
            if (pattern.Match(line) is { Success: true } found)
            {
                wait.TrySetResult(found);
            }
        }
    }

    [GeneratedRegex(@"^\s+pages\s+(http\S+)")]
    private static partial Regex PagesLine();

    [GeneratedRegex(@"^\s+kafka\s+(\S+)")]
    private static partial Regex KafkaLine();

    [GeneratedRegex(@"^\s+registry\s+(http\S+)")]
    private static partial Regex RegistryLine();

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int SendSignal(int pid, int signal);
}
