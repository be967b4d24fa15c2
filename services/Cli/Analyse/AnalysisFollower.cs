using System.Text;
using Confluent.Kafka;
using StreamPlatform.Schemas;

namespace StreamPlatform.Cli.Analyse;

/// <summary>Counts the frames of one session that the processor has finished, so that a file is read no faster than it is analysed: live frames share its partition.</summary>
internal sealed class AnalysisFollower : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);
    private readonly IConsumer<byte[], Ignore> consumer;
    private readonly byte[] key;
    private readonly TimeProvider time;
    private readonly CancellationTokenSource stop = new();
    private readonly Task following;
    private long finished;

    /// <param name="bootstrapServers">Kafka in use.</param>
    /// <param name="session">Session id; its first frame must not have been written yet.</param>
    /// <param name="time">Clock of the waits.</param>
    public AnalysisFollower(string bootstrapServers, string session, TimeProvider time)
    {
        this.time = time;
        key = Encoding.UTF8.GetBytes(session);
        consumer = new ConsumerBuilder<byte[], Ignore>(new ConsumerConfig
        {
            BootstrapServers = bootstrapServers,
            GroupId = "streamplatform-analyse",
            EnableAutoCommit = false,
            IsolationLevel = IsolationLevel.ReadCommitted,
            FetchWaitMaxMs = 100,
        }).Build();
        foreach (var topic in (string[])[Topics.Emotions, Topics.DeadLetter(Topics.Frames)])
        {
            foreach (var partition in Enumerable.Range(0, Topics.SessionPartitions))
            {
                // Where the topic ends now, not where it ends when the first poll gets there.
                var end = consumer.QueryWatermarkOffsets(new TopicPartition(topic, partition), TimeSpan.FromSeconds(20)).High;
                consumer.IncrementalAssign([new TopicPartitionOffset(topic, partition, end)]);
            }
        }

        following = Task.Factory.StartNew(Follow, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Frames with a result, a skip mark or a dead letter.</summary>
    public long Finished => Interlocked.Read(ref finished);

    /// <summary>Waits until that many are finished.</summary>
    /// <exception cref="AnalyseException">Nothing was finished for two minutes.</exception>
    public async Task WaitAsync(long atLeast, CancellationToken ct)
    {
        var (last, since) = (Finished, time.GetTimestamp());
        while (Finished < atLeast)
        {
            if (following.IsFaulted)
            {
                await following;
            }

            await Task.Delay(PollInterval, time, ct);
            if (Finished != last)
            {
                (last, since) = (Finished, time.GetTimestamp());
            }
            else if (time.GetElapsedTime(since) > Patience)
            {
                throw new AnalyseException($"the emotion processor finished nothing for {Patience.TotalSeconds:0} s: see /readyz and its log");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        consumer.Dispose();
        stop.Dispose();
    }

    private void Follow()
    {
        while (!stop.IsCancellationRequested)
        {
            if (consumer.Consume(TimeSpan.FromMilliseconds(100)) is { Message.Key: { } found } && found.AsSpan().SequenceEqual(key))
            {
                Interlocked.Increment(ref finished);
            }
        }
    }
}
