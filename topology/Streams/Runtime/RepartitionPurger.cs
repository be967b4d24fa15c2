using Microsoft.Extensions.Logging;

namespace StreamPlatform.Streams;

/// <summary>
/// Deletes from repartition topics what was read and committed: nobody else reads them, and time-based retention would either lose records under lag or keep everything.
/// Notes are taken on the owner loop, deletions run elsewhere, one at a time.
/// </summary>
internal sealed class RepartitionPurger
{
    private readonly HashSet<string> topics;
    private readonly ITopicAdmin admin;
    private readonly StreamsOptions options;
    private readonly TimeProvider time;
    private readonly IScheduling scheduling;
    private readonly ILogger logger;
    private readonly ISignal idle;
    private readonly Dictionary<TopicPartitionId, long> committed = [];
    private long lastAt;

    private RepartitionPurger(HashSet<string> topics, ITopicAdmin admin, StreamsOptions options, TimeProvider time, IScheduling scheduling, ILogger logger)
    {
        this.topics = topics; this.admin = admin; this.options = options; this.time = time; this.scheduling = scheduling; this.logger = logger;
        idle = scheduling.CreateSignal(true);
        lastAt = time.GetTimestamp();
    }

    /// <summary>Null if the topology has no such topics.</summary>
    public static RepartitionPurger? For(Topology topology, ITopicAdmin admin, StreamsOptions options, TimeProvider time, IScheduling scheduling, ILogger logger)
    {
        var topics = topology.InternalSources.Where(s => s.Internal!.Purged).Select(s => s.Topic).ToHashSet();
        return topics.Count == 0 ? null : new(topics, admin, options, time, scheduling, logger);
    }

    public void Committed(IReadOnlyList<SealedBatch> batches)
    {
        foreach (var batch in batches)
            foreach (var (partition, offset) in batch.Offsets)
                if (offset > 0 && topics.Contains(partition.Topic)) committed[partition] = offset;
        if (committed.Count == 0 || !idle.IsSet || time.GetElapsedTime(lastAt).TotalMilliseconds < options.PurgeIntervalMs) return;
        lastAt = time.GetTimestamp();
        List<PartitionOffset> below = [.. committed.Select(c => new PartitionOffset(c.Key, c.Value))];
        committed.Clear();
        idle.Reset();
        scheduling.RunThread($"{options.ApplicationId}-purge", () => Purge(below));
    }

    /// <summary>Lets a deletion under way end before its client is closed.</summary>
    public void WaitIdle() => idle.Wait(TimeSpan.FromSeconds(2));

    private void Purge(List<PartitionOffset> below)
    {
        try { admin.DeleteRecords(below); }
        catch (TransportException e) { Log.NotPurged(logger, options.ApplicationId, options.PurgeIntervalMs, e.Message); } // they stay until the next time
        finally { idle.Set(); }
    }
}
