using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace StreamPlatform.Schemas;

/// <summary>Creates the topics of <see cref="Topics.All"/> and checks those that are there.</summary>
public static class TopicCatalogue
{
    private static readonly TimeSpan MetadataDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan DeadLetterRetention = TimeSpan.FromDays(7);

    /// <summary>Topics that no processor or sink reads: they need no dead-letter topic.</summary>
    private static readonly HashSet<string> Unread = [Topics.Notifications, Topics.Signals, Topics.CacheInvalidations];

    /// <summary>Every topic that must exist: the catalogue, and "&lt;topic&gt;.dlq" for each one that a processor or sink reads.</summary>
    public static IReadOnlyList<TopicSpecification> Specifications(TopicCatalogueOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return
        [
            .. Topics.All.Select(t => Specify(t.Name, t.Partitions, t.Retention, t.Compacted, options)),
            .. Topics.All.Where(t => !Unread.Contains(t.Name))
                .Select(t => Specify(Topics.DeadLetter(t.Name), t.Partitions, DeadLetterRetentionOf(t), false, options)),
        ];
    }

    /// <summary>Creates what is missing and waits until the cluster shows it; returns the names of the topics it created.</summary>
    /// <param name="admin">Connection to the cluster.</param>
    /// <param name="options">Replication factor and time limit; defaults when null.</param>
    /// <param name="cancellationToken">Ends it between two requests.</param>
    /// <param name="time">Clock; the system's when null.</param>
    /// <exception cref="TopicMismatchException">A topic is there with another number of partitions.</exception>
    /// <exception cref="TimeoutException">A created topic did not appear in time.</exception>
    /// <exception cref="KafkaException">The cluster cannot be reached or refused.</exception>
    public static async Task<IReadOnlyList<string>> EnsureAsync(
        IAdminClient admin, TopicCatalogueOptions? options = null, CancellationToken cancellationToken = default, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(admin);
        options ??= new();
        time ??= TimeProvider.System;
        IReadOnlyList<TopicSpecification> wanted = Specifications(options);
        var timeout = TimeSpan.FromMilliseconds(options.RequestTimeoutMs);
        var created = new HashSet<string>(StringComparer.Ordinal);
        long start = time.GetTimestamp();
        while (true)
        {
            Dictionary<string, int> existing = await Task.Run(
                () => admin.GetMetadata(timeout).Topics.Where(t => !t.Error.IsError).ToDictionary(t => t.Topic, t => t.Partitions.Count),
                cancellationToken).ConfigureAwait(false);
            CheckPartitions(wanted, existing);
            List<TopicSpecification> missing = [.. wanted.Where(t => !existing.ContainsKey(t.Name))];
            if (missing.Count == 0)
            {
                return [.. wanted.Select(t => t.Name).Where(created.Contains)];
            }

            if (time.GetElapsedTime(start) > timeout)
            {
                throw new TimeoutException($"topic '{missing[0].Name}' is not there {options.RequestTimeoutMs} ms after its creation");
            }

            if (missing.FindAll(t => !created.Contains(t.Name)) is { Count: > 0 } uncreated)
            {
                created.UnionWith(await CreateAsync(admin, uncreated, timeout).ConfigureAwait(false));
            }

            await Task.Delay(MetadataDelay, time, cancellationToken).ConfigureAwait(false); // brokers learn of new topics a little later
        }
    }

    /// <summary>Returns the names of those it created; one that another process (or a lagging broker) has already is left to the next look.</summary>
    private static async Task<IEnumerable<string>> CreateAsync(IAdminClient admin, List<TopicSpecification> missing, TimeSpan timeout)
    {
        try
        {
            await admin.CreateTopicsAsync(missing, new() { RequestTimeout = timeout, OperationTimeout = timeout }).ConfigureAwait(false);
            return missing.Select(t => t.Name);
        }
        catch (CreateTopicsException e)
        {
            CreateTopicReport? refused = e.Results.Find(r => r.Error.IsError && r.Error.Code != ErrorCode.TopicAlreadyExists);
            return refused is null
                ? e.Results.Where(r => !r.Error.IsError).Select(r => r.Topic)
                : throw new KafkaException(new Error(refused.Error.Code, $"topic '{refused.Topic}' cannot be created: {refused.Error.Reason}"), e);
        }
    }

    private static void CheckPartitions(IReadOnlyList<TopicSpecification> wanted, Dictionary<string, int> existing)
    {
        foreach (TopicSpecification topic in wanted)
        {
            if (existing.TryGetValue(topic.Name, out int partitions) && partitions != topic.NumPartitions)
            {
                throw new TopicMismatchException(
                    topic.Name,
                    $"topic '{topic.Name}' has {partitions} partitions, the catalogue says {topic.NumPartitions}: delete the topic, or move its records to one with {topic.NumPartitions} partitions");
            }
        }
    }

    private static TimeSpan DeadLetterRetentionOf(TopicSpec topic) =>
        topic.Privacy == PrivacyClass.Biometric && topic.Retention < DeadLetterRetention ? topic.Retention.Value : DeadLetterRetention;

    private static TopicSpecification Specify(string name, int partitions, TimeSpan? retention, bool compacted, TopicCatalogueOptions options) => new()
    {
        Name = name,
        NumPartitions = partitions,
        ReplicationFactor = options.ReplicationFactor,
        Configs = new()
        {
            ["cleanup.policy"] = compacted ? "compact" : "delete",
            ["retention.ms"] = retention is { } r ? ((long)r.TotalMilliseconds).ToString(CultureInfo.InvariantCulture) : "-1",
        },
    };
}
