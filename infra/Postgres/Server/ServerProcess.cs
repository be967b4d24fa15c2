using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace StreamPlatform.Postgres.Server;

/// <summary>The running server program, tied to a thread that lives as long as it does.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const int KeptLines = 20;

    private readonly ConcurrentQueue<string> _lastLines = new();
    private readonly TaskCompletionSource<Process> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ILogger _logger;
    private Process? _process;

    private ServerProcess(ILogger logger) => _logger = logger;

    /// <summary>Completes when the program has ended, for whatever reason.</summary>
    public Task Exited => _exited.Task;

    public bool IsRunning => !_exited.Task.IsCompleted;

    public int Id { get; private set; }

    /// <summary>The last lines the server wrote, for error messages.</summary>
    public string LastLines => string.Join("; ", _lastLines);

    public static async Task<ServerProcess> StartAsync(IReadOnlyList<string> command, ILogger logger)
    {
        var server = new ServerProcess(logger);
        // Linux sends the parent-death signal when the *thread* that forked ends, so a pool thread must not do it:
        // this one waits for the server's end and dies only before it when the whole platform dies.
        var parent = new Thread(() => server.RunAndWait(command)) { IsBackground = true, Name = "postgres parent" };
        parent.Start();
        server._process = await server._started.Task.ConfigureAwait(false);
        server.Id = server._process.Id;
        return server;
    }

    public bool Signal(int signal) => IsRunning && Native.Signal(Id, signal);

    public async ValueTask DisposeAsync()
    {
        await Exited.ConfigureAwait(false);
        _process?.Dispose();
    }

    private void RunAndWait(IReadOnlyList<string> command)
    {
        var start = new ProcessStartInfo(command[0]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = "/" };
        foreach (var argument in command.Skip(1))
        {
            start.ArgumentList.Add(argument);
        }

        // The child's own log language and settings must not come from the caller's environment.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("PG", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(name);
        }

        try
        {
            var process = new Process { StartInfo = start };
            process.OutputDataReceived += (_, line) => Keep(line.Data);
            process.ErrorDataReceived += (_, line) => Keep(line.Data);
            process.Start();
            process.StandardInput.Close();
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            _started.SetResult(process);
            process.WaitForExit();
            _exited.SetResult();
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            _started.TrySetException(new PostgresServerException($"the program {command[0]} cannot be run ({error.Message}); on Debian it comes with util-linux", error));
            _exited.TrySetResult();
        }
    }

    private void Keep(string? line)
    {
        if (string.IsNullOrWhiteSpace(line))
        {
            return;
        }

        Log.ServerSaid(_logger, line);
        _lastLines.Enqueue(line);
        while (_lastLines.Count > KeptLines)
        {
            _lastLines.TryDequeue(out _);
        }
    }
}
