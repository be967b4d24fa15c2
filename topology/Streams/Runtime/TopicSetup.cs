using Microsoft.Extensions.Logging;

namespace StreamPlatform.Streams;

/// <summary>Checks the topics a topology names and creates the runtime's own.</summary>
internal static class TopicSetup
{
    /// <summary>Partition counts of every topic the topology touches.</summary>
    /// <exception cref="StreamsConfigurationException">A topic is missing, or inputs that must align have unlike partition counts.</exception>
    public static Dictionary<string, int> Verify(Topology topology, StreamsOptions options, IReadOnlyDictionary<string, int> present)
    {
        var ours = topology.InternalSources.Select(s => s.Topic).ToHashSet();
        var missing = topology.InputTopics.Concat(topology.OutputTopics).Distinct().Where(t => !ours.Contains(t) && !present.ContainsKey(t)).ToList();
        if (missing.Count > 0) throw new StreamsConfigurationException($"application {options.ApplicationId}: these topics do not exist: {string.Join(", ", missing)}; create them first");
        present = InternalTopics.Counts(topology, present);
        foreach (var sub in topology.Subs)
        {
            if (sub.Sources.Select(s => present[s.Topic]).Distinct().Count() == 1) continue;
            throw new StreamsConfigurationException($"application {options.ApplicationId}: topics that are joined or merged need equal partition counts, but have: "
                + string.Join(", ", sub.Sources.Select(s => $"{s.Topic} {present[s.Topic]}")));
        }
        return topology.InputTopics.Concat(topology.OutputTopics).Distinct().ToDictionary(t => t, t => present[t]);
    }

    /// <summary>That the inputs of a task have the partitions the instance was started for, and its own topics hold them: keys would move away from their state.</summary>
    /// <exception cref="StreamsConfigurationException">The partition count of an input was changed while the application ran.</exception>
    public static void VerifyUnchanged(StreamTask task, IReadOnlyDictionary<string, int> present)
    {
        var node = task.Sub.KeyedNodes.FirstOrDefault();
        var own = node is null ? task.Kernel.ProgressTopic : task.Kernel.ChangelogTopic(node.StoreName);
        var ownCount = present.GetValueOrDefault(own);
        foreach (var input in task.Inputs)
        {
            var topic = input.Source.Topic;
            var count = Math.Max(task.Partition + 1, present.GetValueOrDefault(topic)); // metadata may lag behind the group
            if (task.Partition < ownCount && count == task.Kernel.PartitionCounts.GetValueOrDefault(topic, count)) continue;
            throw new StreamsConfigurationException($"application {task.ApplicationId}: topic {topic} has {count} partitions but {own} has {ownCount}: "
                + $"the partition count of an input was changed while the application ran; migrate or reset application {task.ApplicationId}");
        }
    }

    /// <summary>Creates changelogs, progress and dead-letter topics that are missing; returns the names of those created.</summary>
    public static IReadOnlyList<string> Create(Topology topology, StreamsOptions options, IReadOnlyDictionary<string, int> present, ITopicAdmin admin, ILogger logger)
    {
        var created = new List<string>();
        var compact = new Dictionary<string, string> { ["cleanup.policy"] = "compact" };
        var letters = new Dictionary<string, string>
        {
            ["cleanup.policy"] = "delete",
            ["retention.ms"] = $"{(long)TimeSpan.FromHours(options.DeadLetterRetentionHours).TotalMilliseconds}",
        };
        var repartitions = new Dictionary<string, string> { ["cleanup.policy"] = "delete", ["retention.ms"] = "-1", ["segment.bytes"] = "52428800" }; // purged as it is read
        var counts = InternalTopics.Counts(topology, present);
        // retention must go by the time of deferral, not by event time
        var retries = new Dictionary<string, string>(letters) { ["message.timestamp.type"] = "LogAppendTime" };
        foreach (var source in topology.InternalSources) Ensure(source.Topic, counts[source.Topic], exact: true, source.Internal!.Purged ? repartitions : retries);
        present = counts;
        foreach (var sub in topology.Subs)
        {
            var partitions = present[sub.Sources[0].Topic];
            foreach (var node in sub.KeyedNodes) Ensure(Topology.ChangelogTopicOf(options.ApplicationId, node.StoreName), partitions, exact: true, compact);
            foreach (var source in sub.Sources.Where(s => s is not RetrySourceNode)) Ensure(DeadLetter.TopicOf(source.Topic), partitions, exact: false, letters);
        }
        Ensure(Topology.ProgressTopicOf(options.ApplicationId), topology.Subs.Max(s => present[s.Sources[0].Topic]), exact: false, compact);
        return created;

        void Ensure(string topic, int partitions, bool exact, Dictionary<string, string> config)
        {
            if (present.TryGetValue(topic, out var count))
            {
                if (exact ? count != partitions : count < partitions)
                    throw new StreamsConfigurationException($"topic {topic} has {count} partitions but its inputs have {partitions}: the partition count of an input was changed; migrate or reset application {options.ApplicationId}");
                return;
            }
            if (admin.Create(topic, partitions, options.ReplicationFactor, config)) Log.Created(logger, options.ApplicationId, topic, partitions);
            created.Add(topic);
        }
    }
}
