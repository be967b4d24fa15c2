using System.Threading.Channels;
using Google.Protobuf;
using StreamPlatform.Gateway;
using StreamPlatform.Gateway.Kafka;

namespace StreamPlatform.Tests.Unit.Gateway;

/// <summary>Kafka's place in the gateway's tests: topics in memory, with confirmations that a test can hold back or refuse.</summary>
public sealed class MemoryLog : IEventWriter, IEventTail
{
    private readonly Lock gate = new();
    private readonly List<EventRecord> records = [];
    private readonly Dictionary<string, List<TaskCompletionSource>> held = [];
    private readonly HashSet<string> refused = [];
    private readonly List<(HashSet<string> Topics, Channel<TailRecord> Channel)> tails = [];

    public IReadOnlyList<EventRecord> Records
    {
        get
        {
            lock (gate)
            {
                return [.. records];
            }
        }
    }

    public IReadOnlyList<T> Of<T>(string topic)
        where T : IMessage => [.. Records.Where(r => r.Topic == topic).Select(r => (T)r.Value)];

    public Task WriteAsync(EventRecord record)
    {
        // a copy, as the bytes on Kafka would be
        var copy = record with { Value = record.Value.Descriptor.Parser.ParseFrom(record.Value.ToByteArray()) };
        lock (gate)
        {
            if (refused.Contains(record.Topic))
            {
                return Task.FromException(new EventWriteException(RefusalCodes.KafkaUnavailable, "refused by the test"));
            }

            records.Add(copy);
            foreach (var (topics, channel) in tails.Where(t => t.Topics.Contains(record.Topic)))
            {
                channel.Writer.TryWrite(new(record.Topic, record.SessionId, copy.Value));
            }

            if (held.TryGetValue(record.Topic, out var waiting))
            {
                var confirmed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                waiting.Add(confirmed);
                return confirmed.Task;
            }
        }

        return Task.CompletedTask;
    }

    /// <summary>Confirmations of the topic wait until released, each alone by its position, or all.</summary>
    public void Hold(string topic)
    {
        lock (gate)
        {
            held[topic] = [];
        }
    }

    public int HeldCount(string topic)
    {
        lock (gate)
        {
            return held[topic].Count;
        }
    }

    public void Confirm(string topic, int position)
    {
        lock (gate)
        {
            held[topic][position].TrySetResult();
        }
    }

    public void Release(string topic)
    {
        lock (gate)
        {
            held[topic].ForEach(c => c.TrySetResult());
            held.Remove(topic);
        }
    }

    public void Refuse(string topic, bool refuse = true)
    {
        lock (gate)
        {
            _ = refuse ? refused.Add(topic) : refused.Remove(topic);
        }
    }

    public async Task RunAsync(
        IReadOnlyList<string> topics, TailStart start, Action<TailRecord> onRecord, Action onCaughtUp, CancellationToken cancellationToken)
    {
        var channel = Channel.CreateUnbounded<TailRecord>();
        lock (gate)
        {
            if (start == TailStart.Beginning)
            {
                records.Where(r => topics.Contains(r.Topic)).ToList().ForEach(r => onRecord(new(r.Topic, r.SessionId, r.Value)));
            }

            tails.Add(([.. topics], channel));
        }

        onCaughtUp();
        try
        {
            await foreach (var record in channel.Reader.ReadAllAsync(cancellationToken))
            {
                onRecord(record);
            }
        }
        finally
        {
            lock (gate)
            {
                tails.RemoveAll(t => t.Channel == channel);
            }
        }
    }
}

/// <summary>No registry: nothing is encoded in memory.</summary>
public sealed class NoCodec : IEventCodec
{
    public Task PrepareAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public byte[] Encode(string topic, IMessage value) => value.ToByteArray();

    public IMessage Decode(string topic, ReadOnlySpan<byte> data) => throw new NotSupportedException();
}
