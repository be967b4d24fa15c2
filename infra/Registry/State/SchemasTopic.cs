using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;

namespace StreamPlatform.Registry.State;

/// <summary>
/// The topic that is the registry's log: read to its end at start, then followed. A write counts once this reader has seen it.
/// </summary>
internal sealed class SchemasTopic : IAsyncDisposable
{
    private static readonly TimeSpan AdminTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(500);

    private readonly RegistryOptions options;
    private readonly RegistryState state;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly CancellationTokenSource stopping = new();
    private readonly TaskCompletionSource readToEnd = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock gate = new();
    private TaskCompletionSource advanced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long appliedOffset = -1;
    private IProducer<byte[], byte[]?>? producer;
    private Task reading = Task.CompletedTask;

    public SchemasTopic(RegistryOptions options, RegistryState state, TimeProvider time, ILogger logger)
    {
        this.options = options;
        this.state = state;
        this.time = time;
        this.logger = logger;
    }

    /// <summary>Why the topic can no longer be read; null while it can.</summary>
    public string? Failure { get; private set; }

    /// <summary>Makes sure that the topic is there and reads it to its end.</summary>
    /// <exception cref="TimeoutException">Not within the start timeout; the message says what it was waiting for.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(options.StartTimeoutMs), time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        string waitingFor = $"Kafka at {options.BootstrapServers} to answer";
        try
        {
            await EnsureTopicAsync(reason => waitingFor = reason, both.Token).ConfigureAwait(false);
            waitingFor = $"the end of topic {options.Topic}";
            producer = new ProducerBuilder<byte[], byte[]?>(Client(new ProducerConfig
            {
                Acks = Acks.All,
                EnableIdempotence = true,
                LingerMs = 0,
                MessageTimeoutMs = options.WriteTimeoutMs,
            })).SetLogHandler((_, _) => { }).Build();
            reading = Task.Factory.StartNew(Read, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            await readToEnd.Task.WaitAsync(both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"schema registry: waited {options.StartTimeoutMs} ms for {waitingFor}");
        }

        logger.StateRead(options.Topic, state.VersionCount, state.Subjects(deleted: false).Count);
    }

    /// <summary>Appends a record (null = tombstone) and waits until it is applied.</summary>
    /// <exception cref="TimeoutException">Not within the write timeout; it may still take effect.</exception>
    /// <exception cref="KafkaException">Kafka refused it.</exception>
    public async Task WriteAsync(byte[] key, byte[]? value, CancellationToken cancellationToken)
    {
        IProducer<byte[], byte[]?> open = producer ?? throw new InvalidOperationException("schema registry: not started");
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(options.WriteTimeoutMs), time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            DeliveryResult<byte[], byte[]?> delivered = await open.ProduceAsync(
                new TopicPartition(options.Topic, 0), new() { Key = key, Value = value }, both.Token).ConfigureAwait(false);
            while (Applied(out Task next) < delivered.Offset.Value)
            {
                await next.WaitAsync(both.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"topic {options.Topic}: a write was not read back within {options.WriteTimeoutMs} ms");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync().ConfigureAwait(false);
        await reading.ConfigureAwait(false);
        producer?.Dispose();
        stopping.Dispose();
    }

    private async Task EnsureTopicAsync(Action<string> waitingFor, CancellationToken cancellationToken)
    {
        using IAdminClient admin = new AdminClientBuilder(Client(new AdminClientConfig())).SetLogHandler((_, _) => { }).Build();
        while (true)
        {
            try
            {
                // all topics, not this one: asking for one by name may create it with the broker's defaults
                Metadata metadata = await Task.Run(() => admin.GetMetadata(AdminTimeout), cancellationToken).ConfigureAwait(false);
                TopicMetadata? topic = metadata.Topics.Find(t => t.Topic == options.Topic && !t.Error.IsError);
                if (topic is not null)
                {
                    if (topic.Partitions.Count != 1)
                    {
                        throw new InvalidOperationException($"topic {options.Topic} has {topic.Partitions.Count} partitions, a schema registry needs exactly 1");
                    }

                    return;
                }

                await CreateTopicAsync(admin).ConfigureAwait(false);
            }
            catch (KafkaException e)
            {
                waitingFor($"topic {options.Topic} on Kafka at {options.BootstrapServers}: {e.Error.Reason}");
                await Task.Delay(RetryDelay, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task CreateTopicAsync(IAdminClient admin)
    {
        try
        {
            await admin.CreateTopicsAsync(
                [new TopicSpecification { Name = options.Topic, NumPartitions = 1, ReplicationFactor = options.ReplicationFactor, Configs = new() { ["cleanup.policy"] = "compact" } }],
                new() { RequestTimeout = AdminTimeout, OperationTimeout = AdminTimeout }).ConfigureAwait(false);
            logger.TopicCreated(options.Topic);
        }
        catch (CreateTopicsException e) when (e.Results.TrueForAll(r => r.Error.Code == ErrorCode.TopicAlreadyExists))
        {
            // somebody else was first
        }
    }

    /// <summary>The reader's thread: from the first record, for ever.</summary>
    private void Read()
    {
        try
        {
            using IConsumer<byte[], byte[]?> consumer = new ConsumerBuilder<byte[], byte[]?>(Client(new ConsumerConfig
            {
                GroupId = "schema-registry", // asked for by the client library; nothing is committed
                EnableAutoCommit = false,
                EnablePartitionEof = true,
                AutoOffsetReset = AutoOffsetReset.Earliest,
                FetchWaitMaxMs = 100,
            })).SetLogHandler((_, _) => { }).Build();
            consumer.Assign(new TopicPartitionOffset(options.Topic, 0, Offset.Beginning));
            while (true)
            {
                ReadOne(consumer);
            }
        }
        catch (OperationCanceledException)
        {
            readToEnd.TrySetCanceled();
        }
        catch (KafkaException e)
        {
            Failure = $"topic {options.Topic} cannot be read: {e.Error.Reason}";
            logger.ReaderDied(options.Topic, e.Error.Reason);
            readToEnd.TrySetException(e);
        }
    }

    private void ReadOne(IConsumer<byte[], byte[]?> consumer)
    {
        try
        {
            ConsumeResult<byte[], byte[]?> result = consumer.Consume(stopping.Token);
            if (result.IsPartitionEOF)
            {
                readToEnd.TrySetResult();
                return;
            }

            if (!state.Apply(result.Message.Key, result.Message.Value, result.Message.Value is null))
            {
                logger.RecordNotUnderstood(options.Topic, result.Offset.Value);
            }

            Advance(result.Offset.Value);
        }
        catch (ConsumeException e) when (!e.Error.IsFatal)
        {
            logger.ReadFailed(options.Topic, e.Error.Reason);
        }
    }

    private void Advance(long offset)
    {
        TaskCompletionSource waiters;
        lock (gate)
        {
            appliedOffset = offset;
            waiters = advanced;
            advanced = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        waiters.SetResult();
    }

    private long Applied(out Task next)
    {
        lock (gate)
        {
            next = advanced.Task;
            return appliedOffset;
        }
    }

    private TConfig Client<TConfig>(TConfig config)
        where TConfig : ClientConfig
    {
        config.BootstrapServers = options.BootstrapServers;
        config.ClientId = "streamplatform-registry";
        foreach ((string name, string value) in options.ClientProperties)
        {
            config.Set(name, value);
        }

        return config;
    }
}
