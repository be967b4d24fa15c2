using System.Diagnostics;
using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Conformance.Streams;

/// <summary>A counting application in a process of its own, so that a test can kill it: counts with an asynchronous step in front.</summary>
public static class CountingHost
{
    /// <summary>Runs until standard input closes. Prints "running" when it reads, "committed N" as it commits.</summary>
    public static async Task<int> RunAsync(string bootstrap, string application, string input, string output)
    {
        var builder = new StreamsBuilder(application);
        builder.Stream(input, Serdes.Utf8, Serdes.Utf8)
            .MapAsync("work", async (_, value, cancel) => { await Task.Delay(int.Parse(value) % 5, cancel); return value; })
            .GroupByKey().Count("counts").MapValues(n => $"{n}").To(output, Serdes.Utf8, Serdes.Utf8);
        await using var running = new StreamsApplication(builder.Build(),
            new StreamsOptions { BootstrapServers = bootstrap, CommitIntervalMs = 5, SessionTimeoutMs = 6_000 });
        await running.StartAsync();
        await running.Running;
        Console.WriteLine("running");
        var parentGone = Task.Run(Console.In.ReadToEnd); // its asynchronous form blocks the caller
        while (!parentGone.IsCompleted && !running.Completion.IsCompleted)
        {
            Console.WriteLine($"committed {running.Health.CommittedRecords}");
            await Task.Delay(20);
        }
        return running.Completion.IsFaulted ? 1 : 0;
    }

    /// <summary>Starts the process and returns once it has committed some records.</summary>
    internal static async Task<Process> StartAsync(string bootstrap, string application, string input, string output, int committed)
    {
        var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(CountingHost).Assembly.Location, "streams-host", bootstrap, application, input, output])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true,
        })!;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var line = await process.StandardOutput.ReadLineAsync(patience.Token);
            Assert.True(line is not null, $"the application ended with code {(process.HasExited ? process.ExitCode : -1)}");
            if (line.StartsWith("committed ", StringComparison.Ordinal) && long.Parse(line["committed ".Length..]) >= committed) return process;
        }
    }
}
