using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace StreamPlatform.Schemas;

/// <summary>Creates the topics of <see cref="Topics.All"/> and checks those that are there.</summary>
public static class TopicCatalogue
{
    private static readonly TimeSpan DeadLetterRetention = TimeSpan.FromDays(7);

    /// <summary>Topics that no processor or sink reads yet: they need no dead-letter topic.</summary>
    private static readonly HashSet<string> Unread = [Topics.ResumeRequests, Topics.ResumeResults, Topics.Notifications];

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

    /// <summary>Creates what is missing; returns the names of the topics it created.</summary>
    /// <param name="admin">Connection to the cluster.</param>
    /// <param name="options">Replication factor and time limit; defaults when null.</param>
    /// <param name="cancellationToken">Ends it between two requests.</param>
    /// <exception cref="TopicMismatchException">A topic is there with another number of partitions.</exception>
    /// <exception cref="KafkaException">The cluster cannot be reached or refused.</exception>
    public static async Task<IReadOnlyList<string>> EnsureAsync(
        IAdminClient admin, TopicCatalogueOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(admin);
        options ??= new();
        IReadOnlyList<TopicSpecification> wanted = Specifications(options);
        var timeout = TimeSpan.FromMilliseconds(options.RequestTimeoutMs);

        Dictionary<string, int> existing = await Task.Run(
            () => admin.GetMetadata(timeout).Topics.Where(t => !t.Error.IsError).ToDictionary(t => t.Topic, t => t.Partitions.Count),
            cancellationToken).ConfigureAwait(false);
        CheckPartitions(wanted, existing);

        List<TopicSpecification> missing = [.. wanted.Where(t => !existing.ContainsKey(t.Name))];
        if (missing.Count > 0)
        {
            await CreateAsync(admin, missing, timeout).ConfigureAwait(false);
        }

        return [.. missing.Select(t => t.Name)];
    }

    private static async Task CreateAsync(IAdminClient admin, List<TopicSpecification> missing, TimeSpan timeout)
    {
        try
        {
            await admin.CreateTopicsAsync(missing, new() { RequestTimeout = timeout, OperationTimeout = timeout }).ConfigureAwait(false);
        }
        catch (CreateTopicsException e)
        {
            // another process that started at the same moment may have been first
            CreateTopicReport? refused = e.Results.Find(r => r.Error.IsError && r.Error.Code != ErrorCode.TopicAlreadyExists);
            if (refused is not null)
            {
                throw new KafkaException(new Error(refused.Error.Code, $"topic '{refused.Topic}' cannot be created: {refused.Error.Reason}"), e);
            }
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
