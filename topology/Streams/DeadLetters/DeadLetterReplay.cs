using System.Text;

namespace StreamPlatform.Streams;

/// <summary>
/// Lists dead letters and sends them to their topic again, each exactly once: the record and the mark that it is done enter one transaction. The mark is a record of the
/// dead-letter topic itself (header <c>dlq.done</c> names partition/offset of the letter, <c>dlq.replay</c> the replay). One transactional id per topic fences a second replay that runs
/// at the same time, and what is done is read after the fence. Calls block.
/// </summary>
public sealed class DeadLetterReplay
{
    private const int LettersPerTransaction = 1_000;
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly ITransport transport;
    private readonly StreamsOptions options;
    private readonly TimeProvider time;

    /// <param name="clientSettings">Extra client settings by librdkafka name (TLS, SASL).</param>
    public DeadLetterReplay(string bootstrapServers, IReadOnlyDictionary<string, string>? clientSettings = null, ITransport? transport = null, TimeProvider? time = null)
    {
        this.transport = transport ?? new ConfluentTransport();
        this.time = time ?? TimeProvider.System;
        options = new StreamsOptions { BootstrapServers = bootstrapServers, ApplicationId = "dead-letter-replay", TransactionTimeoutMs = 60_000, ClientSettings = clientSettings ?? new Dictionary<string, string>() };
    }

    /// <summary>Input topics that have a dead-letter topic.</summary>
    public IReadOnlyList<string> Topics()
    {
        using var admin = transport.OpenAdmin(Settings("all"));
        var suffix = DeadLetter.TopicOf("");
        return [.. admin.Topics().Keys.Where(t => t.EndsWith(suffix, StringComparison.Ordinal)).Select(t => t[..^suffix.Length]).Order(StringComparer.Ordinal)];
    }

    /// <summary>The dead letters of an input topic, by partition and offset.</summary>
    /// <exception cref="StreamsConfigurationException">It has no dead-letter topic.</exception>
    /// <exception cref="TransportException">The broker does not answer.</exception>
    public IReadOnlyList<DeadLetterEntry> List(string inputTopic, DeadLetterFilter? filter = null, CancellationToken cancel = default)
    {
        var settings = Settings(inputTopic);
        using var admin = transport.OpenAdmin(settings);
        return [.. Read(settings, admin, inputTopic, cancel).Where((filter ?? new()).Holds)];
    }

    /// <summary>
    /// Sends those that are not done to their topic again, in the order they were dead-lettered per partition, to the partition they came from, with their own headers and
    /// <c>dlq.replay</c>. Returns them with <see cref="DeadLetterEntry.ReplayedBy"/> set.
    /// </summary>
    /// <exception cref="StreamsConfigurationException">The topic or its dead-letter topic does not exist.</exception>
    /// <exception cref="TransportException">Fenced by another replay, or the broker does not answer; what was committed is marked, a repetition does the rest.</exception>
    public IReadOnlyList<DeadLetterEntry> Replay(string inputTopic, DeadLetterFilter? filter = null, CancellationToken cancel = default)
    {
        var settings = Settings(inputTopic);
        var replay = $"{time.GetUtcNow():yyyyMMddTHHmmssZ}-{Guid.NewGuid().ToString("N")[..8]}";
        using var admin = transport.OpenAdmin(settings);
        using var producer = transport.OpenProducer(settings, transactional: true);
        Repeat(() => producer.InitTransactions(CallTimeout), cancel); // first the fence, then the reading
        var chosen = Read(settings, admin, inputTopic, cancel).Where((filter ?? new()).Holds).Where(l => l.ReplayedBy is null).ToList();
        var topics = admin.Topics();
        foreach (var topic in chosen.Select(l => l.Topic).Distinct())
            if (!topics.ContainsKey(topic)) throw new StreamsConfigurationException($"topic {topic}, where the dead letters came from, does not exist");
        foreach (var batch in chosen.Chunk(LettersPerTransaction))
        {
            cancel.ThrowIfCancellationRequested();
            producer.Begin();
            foreach (var letter in batch)
            {
                var partition = letter.TopicPartition >= 0 && letter.TopicPartition < topics[letter.Topic] ? letter.TopicPartition : -1;
                producer.Produce(new OutputRecord(letter.Topic, partition, letter.EventTimeMs, letter.Key, letter.Value, new RecordHeaders(letter.Headers).Add("dlq.replay", replay)));
                producer.Produce(new OutputRecord(DeadLetter.TopicOf(inputTopic), letter.Partition, time.GetUtcNow().ToUnixTimeMilliseconds(), letter.Key, null,
                    new RecordHeaders().Add("dlq.done", $"{letter.Partition}/{letter.Offset}").Add("dlq.replay", replay)));
            }
            Repeat(() => producer.CommitTransaction(CallTimeout), cancel: default); // in doubt: repeated, never aborted
        }
        return [.. chosen.Select(l => l with { ReplayedBy = replay })];
    }

    private List<DeadLetterEntry> Read(TransportSettings settings, ITopicAdmin admin, string inputTopic, CancellationToken cancel)
    {
        var topic = DeadLetter.TopicOf(inputTopic);
        if (!admin.Topics().TryGetValue(topic, out var partitions)) throw new StreamsConfigurationException($"there is no topic {topic}");
        var ends = admin.EndOffsets([.. Enumerable.Range(0, partitions).Select(p => new TopicPartitionId(topic, p))]);
        var open = ends.Where(e => e.Value > 0).Select(e => e.Key).ToHashSet();
        var letters = new List<ConsumedRecord>();
        var done = new Dictionary<string, string>();
        if (open.Count > 0)
        {
            using var reader = transport.OpenReader(settings);
            reader.Assign([.. open.Select(p => new PartitionOffset(p, PartitionOffset.Beginning))]);
            var started = time.GetTimestamp();
            var polled = new PollResult[100];
            while (open.Count > 0)
            {
                cancel.ThrowIfCancellationRequested();
                var count = reader.Poll(polled, 100);
                if (count == 0 && time.GetElapsedTime(started) > Patience)
                    throw new TransportException(TransportFailure.Retriable, $"{open.First()} could not be read to its end within {Patience}");
                foreach (var result in polled.AsSpan(0, count))
                {
                    if (result.Kind == PollKind.EndOfPartition && result.EndOffset >= ends[result.Partition]) open.Remove(result.Partition);
                    if (result.Record is not { } record) continue;
                    if (record.Headers.LastUtf8("dlq.done") is { } mark) done[mark] = record.Headers.LastUtf8("dlq.replay") ?? "";
                    else letters.Add(record);
                }
            }
        }
        return [.. letters.OrderBy(l => l.Partition).ThenBy(l => l.Offset)
            .Select(l => DeadLetterEntry.Of(l, inputTopic, done.GetValueOrDefault($"{l.Partition}/{l.Offset}")))];
    }

    private TransportSettings Settings(string topic) => new(options, $"dead-letter-replay-{topic}", $"dead-letter-replay-{topic}", static (_, _) => { });

    private void Repeat(Action call, CancellationToken cancel)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            try { call(); return; }
            catch (TransportException e) when (e.Failure == TransportFailure.Retriable && time.GetElapsedTime(started) < Patience) { }
        }
    }
}
