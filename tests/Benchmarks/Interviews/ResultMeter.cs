using Confluent.Kafka;
using StreamPlatform.Hosting;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Tests.Benchmarks.Interviews;

/// <summary>Counts results from now on, as an independent read_committed consumer sees them: emotions, marks of skipped frames, dead frames and scores.</summary>
internal sealed class ResultMeter : IDisposable
{
    private readonly Lock gate = new();
    private readonly CancellationTokenSource stopping = new();
    private readonly IConsumer<Ignore, byte[]> consumer;
    private readonly Task reading;
    private readonly List<double> latencies = [];
    private readonly string deadFrames = Topics.DeadLetter(Topics.Frames);
    private ResultCounts counts = new(0, 0, 0, 0, 0, 0);

    public ResultMeter(string bootstrapServers)
    {
        consumer = new ConsumerBuilder<Ignore, byte[]>(new ConsumerConfig
        {
            BootstrapServers = bootstrapServers, GroupId = "bench-interviews-meter", IsolationLevel = IsolationLevel.ReadCommitted,
            EnableAutoCommit = false, EnableAutoOffsetStore = false, FetchWaitMaxMs = 20,
        }).Build();
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        // the topics are new: their beginning is their end
        consumer.Assign(new[] { Topics.Emotions, deadFrames, Topics.Scores }.SelectMany(topic =>
            admin.GetMetadata(topic, TimeSpan.FromSeconds(20)).Topics[0].Partitions.Select(p => new TopicPartitionOffset(topic, p.PartitionId, Offset.Beginning))));
        reading = Task.Factory.StartNew(Read, TaskCreationOptions.LongRunning);
    }

    public ResultCounts Counts
    {
        get { lock (gate) return counts; }
    }

    /// <summary>Milliseconds from a frame's capture to its committed result or mark, sorted.</summary>
    public List<double> Latencies
    {
        get { lock (gate) return [.. latencies.Order()]; }
    }

    /// <summary>Waits until there are as many results of frames and as many scores, or the time is over.</summary>
    public async Task<ResultCounts> WaitAsync(long frames, long scores, TimeSpan limit)
    {
        var started = TimeProvider.System.GetTimestamp();
        while ((Counts.Frames < frames || Counts.Scores < scores) && TimeProvider.System.GetElapsedTime(started) < limit && !reading.IsCompleted) await Task.Delay(50);
        if (reading.IsFaulted) await reading;
        return Counts;
    }

    public void Dispose()
    {
        stopping.Cancel();
        reading.ContinueWith(_ => { }, TaskScheduler.Default).Wait(TimeSpan.FromSeconds(5));
        consumer.Dispose();
        stopping.Dispose();
    }

    private void Read()
    {
        var emotions = new EventSerdes(new InMemorySchemaRegistryClient()).For<EmotionObserved>();
        while (!stopping.IsCancellationRequested)
        {
            if (consumer.Consume(100) is not { Message: not null } result) continue;
            var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
            lock (gate)
            {
                if (result.Topic == Topics.Scores) counts = counts with { Scores = counts.Scores + 1, LastScoreMs = now };
                else if (result.Topic == deadFrames) counts = counts with { Dead = counts.Dead + 1, LastFrameMs = now };
                else Count(emotions.Deserialize(result.Topic, result.Message.Value), now);
            }
        }
    }

    private void Count(EmotionObserved seen, long now)
    {
        latencies.Add(now - seen.CapturedAtMs);
        counts = seen.Skipped ? counts with { Skipped = counts.Skipped + 1, LastFrameMs = now } : counts with { Analysed = counts.Analysed + 1, LastFrameMs = now };
    }
}

/// <param name="Analysed">Frames with a result.</param>
/// <param name="Skipped">Frames marked as skipped under load.</param>
/// <param name="Dead">Frames in the dead letters.</param>
/// <param name="Scores">Scored answers.</param>
/// <param name="LastFrameMs">When the latest of the frames was seen, Unix milliseconds.</param>
/// <param name="LastScoreMs">When the latest score was seen, Unix milliseconds.</param>
internal sealed record ResultCounts(long Analysed, long Skipped, long Dead, long Scores, long LastFrameMs, long LastScoreMs)
{
    public long Frames => Analysed + Skipped + Dead;
}
