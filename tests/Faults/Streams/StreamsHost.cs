using Microsoft.Extensions.Logging;
using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Faults.Streams;

/// <summary>A counting application in a process of its own: bootstrap servers, application, input, output, instance slot, longest step in ms (0 = no asynchronous step).</summary>
public static class StreamsHost
{
    /// <summary>Runs until standard input closes. Prints "status STATE PARTITIONS COMMITTED" as it goes and "aborted" or "rebuilt" when a commit is refused.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var (bootstrap, application, input, output, slot, stepMs) = (args[0], args[1], args[2], args[3], int.Parse(args[4]), int.Parse(args[5]));
        // both time-outs bound a takeover: the session gives the partitions free, the transaction what the restore of the next owner waits for
        await using var running = new StreamsApplication(Build(application, input, output, stepMs),
            new StreamsOptions { BootstrapServers = bootstrap, InstanceSlot = slot, CommitIntervalMs = 10, SessionTimeoutMs = 6_000, TransactionTimeoutMs = 6_000, MaxRebuilds = 1_000 }, loggers: new Refusals());
        await running.StartAsync();
        var parentGone = Task.Run(Console.In.ReadToEnd); // its asynchronous form blocks the caller
        while (!parentGone.IsCompleted && !running.Completion.IsCompleted)
        {
            var health = running.Health;
            Console.WriteLine($"status {health.State} {health.Partitions.Count} {health.CommittedRecords}");
            await Task.Delay(20);
        }
        if (running.Completion.IsFaulted) Console.WriteLine($"failed {running.Health.LastError}");
        return running.Completion.IsFaulted ? 1 : 0;
    }

    private static StreamPlatform.Streams.Topology Build(string application, string input, string output, int stepMs)
    {
        var builder = new StreamsBuilder(application);
        var stream = builder.Stream(input, Serdes.Utf8, Serdes.Utf8);
        if (stepMs > 0)
            stream = stream.MapAsync("work", async (_, value, cancel) =>
            {
                await Task.Delay(Random.Shared.Next(stepMs + 1), cancel); // ends in any order
                return value;
            }, new StepOptions { MaxConcurrency = 50 });
        stream.Process<long, string>(NumberedEvents.Store, Serdes.Int64, (state, value) =>
        {
            state.Put(state.Get() + 1);
            return [$"{value}:{state.Get()}"];
        }).To(output, Serdes.Utf8, Serdes.Utf8);
        return builder.Build();
    }

    /// <summary>Says on standard output that a transaction was aborted or the clients were rebuilt.</summary>
    private sealed class Refusals : ILoggerFactory, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;
        public void AddProvider(ILoggerProvider provider) { }
        public void Dispose() { }
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;
        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Name is "Aborted" or "Rebuild") Console.WriteLine($"{(eventId.Name == "Aborted" ? "aborted" : "rebuilt")} {formatter(state, exception)} {exception?.Message}");
            else if (Environment.GetEnvironmentVariable("STREAMS_HOST_LOG") is { Length: > 0 } file) File.AppendAllText($"{file}.{Environment.ProcessId}", $"{DateTime.UtcNow:HH:mm:ss.fff} {formatter(state, exception)}\n");
        }
    }
}
