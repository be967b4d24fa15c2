using System.Diagnostics;

namespace StreamPlatform.Tests.Faults.Streams;

/// <summary>One <see cref="StreamsHost"/> as a child: what it said last, and the signals it gets.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    private readonly Process process;
    private readonly List<string> refusals = [];
    private volatile string[] status = ["Starting", "0", "0"];

    public HostProcess(NumberedEvents events, int slot, int stepMs)
    {
        Slot = slot;
        process = Process.Start(new ProcessStartInfo("dotnet",
            [typeof(HostProcess).Assembly.Location, "streams-host", events.BootstrapServers, events.Application, events.Input, events.Output, $"{slot}", $"{stepMs}"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true,
        })!;
        process.OutputDataReceived += (_, line) => Read(line.Data);
        process.BeginOutputReadLine();
    }

    public int Slot { get; }
    public string State => status[0];
    /// <summary>Input partitions it reads now.</summary>
    public int Partitions => int.Parse(status[1]);
    public long Committed => long.Parse(status[2]);
    public bool Ended => process.HasExited;

    /// <summary>Commits that were refused, as it logged them.</summary>
    public IReadOnlyList<string> Refusals
    {
        get { lock (refusals) return [.. refusals]; }
    }

    public void Stop() => Signal("-STOP");
    public void Continue() => Signal("-CONT");

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) await KillAsync();
        process.Dispose();
    }

    private void Signal(string name)
    {
        using var kill = Process.Start("kill", [name, $"{process.Id}"]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    private void Read(string? line)
    {
        if (line is null) return;
        if (line.StartsWith("status ", StringComparison.Ordinal)) status = line["status ".Length..].Split(' ');
        else lock (refusals) refusals.Add(line);
    }
}
