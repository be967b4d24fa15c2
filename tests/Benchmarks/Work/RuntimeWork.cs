using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Benchmarks.Work;

/// <summary>The same work as the peers', on our runtime: several instances in one process.</summary>
internal sealed class RuntimeWork(List<StreamsApplication> applications) : IAsyncDisposable
{
    private const long WindowMs = 10_000;
    private const long GraceMs = 5_000;

    public static async Task<IAsyncDisposable> StartAsync(WorkerArguments arguments)
    {
        List<StreamsApplication> applications = [];
        for (var slot = 0; slot < arguments.Instances; slot++)
        {
            applications.Add(new StreamsApplication(TopologyOf(arguments), new StreamsOptions
            {
                BootstrapServers = arguments.BootstrapServers, InstanceSlot = slot, CommitIntervalMs = arguments.CommitMs,
                Guarantee = arguments.Kind == "raw" ? ProcessingGuarantee.AtLeastOnce : ProcessingGuarantee.ExactlyOnce,
            }, loggers: StderrLog.Wanted));
        }
        await Task.WhenAll(applications.Select(a => a.StartAsync())); // together, as the peer's threads: one that joins later costs a rebalance
        foreach (var application in applications)
        {
            _ = application.Completion.ContinueWith(ended => Console.Error.WriteLine(ended.Exception), TaskContinuationOptions.OnlyOnFaulted);
        }
        return new RuntimeWork(applications);
    }

    private static Streams.Topology TopologyOf(WorkerArguments arguments)
    {
        var builder = new StreamsBuilder(arguments.Id);
        if (arguments.Kind == "window") Window(builder, arguments);
        else if (arguments.Kind == "keys") KeysWork.Build(builder, arguments);
        else builder.Stream(arguments.In, Serdes.Bytes, Serdes.Bytes).MapValues(Map).To(arguments.Out, Serdes.Bytes, Serdes.Bytes);
        return builder.Build();
    }

    public static byte[] Map(byte[] value)
    {
        var copy = (byte[])value.Clone();
        if (copy.Length > 0) copy[0] ^= 1;
        return copy;
    }

    /// <summary>Counts per key and tumbling window, one output per input, a window dropped when its grace is over.</summary>
    private static void Window(StreamsBuilder builder, WorkerArguments arguments) =>
        builder.Stream(arguments.In, Serdes.Utf8, Serdes.Bytes).GroupByKey()
            .WindowedBy(TimeWindows.Tumbling(TimeSpan.FromMilliseconds(WindowMs)).Grace(TimeSpan.FromMilliseconds(GraceMs)).Emit(EmitStrategy.OnWindowUpdate))
            .Aggregate("counts", Serdes.Int64, (_, _) => 0L, (count, _, _) => count + 1, (_, _, count) => count)
            .To(arguments.Out, Serdes.Utf8, Serdes.Int64);

    public async ValueTask DisposeAsync()
    {
        foreach (var application in applications) await application.DisposeAsync();
    }
}
