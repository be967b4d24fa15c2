using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using StreamPlatform.Hosting;
using StreamPlatform.Media.Answers;
using StreamPlatform.Observability;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Streams;

namespace StreamPlatform.Services;

/// <summary>
/// Reads the audio topic and keeps the answers whose candidates consent to it. Positions are committed behind what is stored, so there is one answer to every failure: throw
/// away what was gathered, wait, and read again from what was committed. Instances share the partitions.
/// </summary>
internal sealed class RecordingWorker : IAsyncDisposable, IHealthSource
{
    private const int MaxPolled = 200; // of at most 64 KiB
    private const int DeadFailures = 3; // in a row: then /health is red
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan CommitInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource stopping = new();
    private readonly string bootstrapServers;
    private readonly Func<AnswerRecorder> create;
    private readonly ISerde<AudioChunk> serde;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly Task running;
    private volatile int failures;
    private volatile string state = "starting";
    private string lastFailure = ""; // of the loop alone

    public RecordingWorker(string bootstrapServers, Func<AnswerRecorder> create, ISerde<AudioChunk> serde, TimeProvider time, ILogger logger)
    {
        (this.bootstrapServers, this.create, this.serde, this.time, this.logger) = (bootstrapServers, create, serde, time, logger);
        running = Task.Run(LoopAsync);
    }

    /// <summary>Starts it; it ends with the context.</summary>
    public static void Start(ServiceContext context, Stores stores)
    {
        var options = new RecordingOptions();
        options.Validate();
        var vault = context.Media.Vault(stores.Media);
        var logger = context.Loggers.CreateLogger<RecordingWorker>();
        context.Show(context.Keep(new RecordingWorker(
            context.BootstrapServers, () => new(vault, options, context.Time, logger), context.Serdes.For<AudioChunk>(), context.Time, logger)));
    }

    public string Name => "recordings";

    /// <summary>Interviews go on, and are captured, while their sound cannot be kept.</summary>
    public bool IsCritical => false;

    public HealthReport Check() => new(failures < DeadFailures, state);

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running;
        stopping.Dispose();
    }

    private async Task LoopAsync()
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await FollowAsync();
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // whatever it is, the next attempt begins anew; /health and the log tell it
                lastFailure = e.Message;
                state = $"reads again: {e.Message}";
                failures++;
                var pause = FirstPause * Math.Pow(2, Math.Min(failures - 1, 5));
                pause = pause < LongestPause ? pause : LongestPause;
                Log.RecordingFailed(logger, (int)pause.TotalSeconds, e);
                await Task.Delay(pause, time, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task FollowAsync()
    {
        await using var recorder = create();
        var positions = new Dictionary<int, (long Next, long Committed)>();
        List<ConsumeResult<string, byte[]>> polled = [];
        using var consumer = Consumer(recorder, positions, polled);
        try
        {
            consumer.Subscribe(Topics.Audio);
            await FollowAsync(consumer, recorder, positions, polled);
        }
        finally
        {
            Leave(consumer);
        }
    }

    private async Task FollowAsync(
        IConsumer<string, byte[]> consumer, AnswerRecorder recorder, Dictionary<int, (long Next, long Committed)> positions, List<ConsumeResult<string, byte[]>> polled)
    {
        var (begunAt, committedAt) = (time.GetTimestamp(), time.GetTimestamp());
        while (true)
        {
            stopping.Token.ThrowIfCancellationRequested();
            Poll(consumer, polled);
            if (polled.Count == 0)
            {
                await Task.Delay(PollInterval, time, stopping.Token);
            }

            foreach (var record in polled)
            {
                if (Read(record) is { } chunk)
                {
                    await recorder.TakeAsync(chunk, record.Partition, record.Offset, stopping.Token);
                }

                positions[record.Partition] = positions[record.Partition] with { Next = record.Offset + 1 };
            }

            await recorder.TickAsync(stopping.Token);
            if (time.GetElapsedTime(committedAt) >= CommitInterval)
            {
                Commit(consumer, recorder, positions);
                committedAt = time.GetTimestamp();
                if (recorder.Stored > 0 || (positions.Count > 0 && time.GetElapsedTime(begunAt) > LongestPause))
                {
                    failures = 0; // an attempt that only joined the group has not shown yet that it can store
                }

                state = $"{recorder.Open} answers in progress, {positions.Count} partitions{(failures > 0 ? $"; failed {failures} times, {lastFailure}" : "")}";
            }
        }
    }

    // Or the partitions would have no reader until the session times out. What is stored is committed on the way.
    private void Leave(IConsumer<string, byte[]> consumer)
    {
        try
        {
            consumer.Close();
        }
        catch (KafkaException e)
        {
            Log.RecordingClient(logger, e.Error.Reason); // nothing is lost: it is read again
        }
    }

    private IConsumer<string, byte[]> Consumer(AnswerRecorder recorder, Dictionary<int, (long Next, long Committed)> positions, List<ConsumeResult<string, byte[]>> polled) =>
        new ConsumerBuilder<string, byte[]>(new ConsumerConfig
        {
            BootstrapServers = bootstrapServers,
            GroupId = "recordings",
            EnableAutoCommit = false,
            EnableAutoOffsetStore = false,
            IsolationLevel = IsolationLevel.ReadCommitted,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            MaxPollIntervalMs = 900_000, // the object store may take its time, with its retries
            QueuedMaxMessagesKbytes = 16 * 1024,
        })
            .SetErrorHandler((_, error) => Log.RecordingClient(logger, error.Reason))
            .SetPartitionsAssignedHandler((_, partitions) => partitions.ForEach(p => positions[p.Partition] = (Offset.Unset, Offset.Unset)))
            .SetPartitionsRevokedHandler((revoked, partitions) =>
            {
                Commit(revoked, recorder, positions);
                partitions.ForEach(p => Forget(recorder, positions, polled, p.Partition));
            })
            .SetPartitionsLostHandler((_, partitions) => partitions.ForEach(p => Forget(recorder, positions, polled, p.Partition)))
            .Build();

    private static void Poll(IConsumer<string, byte[]> consumer, List<ConsumeResult<string, byte[]>> polled)
    {
        polled.Clear();
        while (polled.Count < MaxPolled && consumer.Consume(TimeSpan.Zero) is { } next) // what is there: no thread waits
        {
            polled.Add(next);
        }
    }

    // Called while polling: what was polled of the partition before comes again, from what was committed, should it come back.
    private static void Forget(AnswerRecorder recorder, Dictionary<int, (long Next, long Committed)> positions, List<ConsumeResult<string, byte[]>> polled, int partition)
    {
        polled.RemoveAll(r => r.Partition == partition);
        recorder.Forget(partition);
        positions.Remove(partition);
    }

    private AudioChunk? Read(ConsumeResult<string, byte[]> record)
    {
        try
        {
            return serde.Deserialize(record.Topic, record.Message.Value ?? []);
        }
        catch (SerializationException)
        {
            return null; // the transcription puts it among the dead letters
        }
    }

    private static void Commit(IConsumer<string, byte[]> consumer, AnswerRecorder recorder, Dictionary<int, (long Next, long Committed)> positions)
    {
        List<TopicPartitionOffset> safe = [];
        foreach (var (partition, (next, committed)) in positions.Where(p => p.Value.Next >= 0))
        {
            if (recorder.SafeOffset(partition, next) is var offset && offset > committed)
            {
                safe.Add(new(Topics.Audio, partition, offset));
            }
        }

        if (safe.Count == 0)
        {
            return;
        }

        try
        {
            consumer.Commit(safe);
            safe.ForEach(s => positions[s.Partition] = positions[s.Partition] with { Committed = s.Offset });
        }
        catch (KafkaException e) when (e.Error.Code is ErrorCode.RebalanceInProgress or ErrorCode.IllegalGeneration or ErrorCode.UnknownMemberId)
        {
            // the partitions are changing hands: what is not committed comes again
        }
    }
}
