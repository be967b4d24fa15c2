using Microsoft.Extensions.Logging.Abstractions;
using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams;

/// <summary>One task without a runtime around it: a test says what was read, paused and shown to end, and moves the clock.</summary>
internal sealed class SingleTask
{
    private readonly Dictionary<string, long> offsets = [];

    public SingleTask(Action<StreamsBuilder> build, StreamsOptions? options = null)
    {
        var builder = new StreamsBuilder("single");
        build(builder);
        Options = options ?? new StreamsOptions();
        Options.ApplicationId = "single";
        var topology = builder.Build();
        Kernel = new Kernel(topology, Options, Time, ThreadScheduling.Instance, NullLogger.Instance);
        Task = new StreamTask(Kernel, topology.Subs[0], 0);
        Kernel.Add(Task);
        Task.Start();
    }

    public StreamsOptions Options { get; }
    public VirtualTime Time { get; } = new();
    public Kernel Kernel { get; }
    public StreamTask Task { get; }

    public TaskInput Input(string topic) => Array.Find(Task.Inputs, i => i.Id.Topic == topic)!;

    /// <summary>One more record of the topic; its end is not shown.</summary>
    public void Read(string topic, string key, string value, long timestampMs = 1_000)
    {
        var offset = offsets.GetValueOrDefault(topic);
        offsets[topic] = offset + 1;
        Task.Deliver(Input(topic), new ConsumedRecord(topic, 0, offset, timestampMs, Serdes.Utf8.Serialize(topic, key), Serdes.Utf8.Serialize(topic, value), RecordHeaders.Empty));
        Kernel.Pump();
    }

    public void ReadToEnd(string topic)
    {
        Task.ReadToEnd(Input(topic), offsets.GetValueOrDefault(topic));
        Kernel.Pump();
    }

    public void Advance(double seconds)
    {
        Time.Advance(TimeSpan.FromSeconds(seconds));
        Kernel.Pump();
    }

    /// <summary>Commits, and gives the values written to the topic.</summary>
    public List<string> Commit(string topic)
    {
        var values = new List<string>();
        if (Task.Seal() is not { } batch) return values;
        for (var i = 0; i < batch.Records.Count; i++)
            if (batch.Records[i] is { HasValue: true } record && record.Topic == topic) values.Add(Serdes.Utf8.Deserialize(topic, record.Value));
        Task.Recycle(batch.Batch);
        return values;
    }
}
