using Microsoft.Extensions.Logging;
using StreamPlatform.Broker.Storage;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Groups;

/// <summary>Rebuilds groups and offsets from __consumer_offsets: later records win, transactional ones wait for their marker.</summary>
internal static class OffsetsLoader
{
    private const int ChunkBytes = 1 << 20;

    /// <summary>Returns the number of offset records read.</summary>
    public static int Load(GroupCoordinator groups, OffsetsLog log, ILogger logger, CancellationToken cancel)
    {
        var offsets = 0;
        foreach (var partition in log.Partitions)
        {
            foreach (var (header, batch) in InternalTopic.Batches(partition, ChunkBytes))
            {
                cancel.ThrowIfCancellationRequested();
                if (header.IsControl)
                {
                    if (RecordBatchReader.Marker(header, batch) is { } marker)
                    {
                        groups.EndTransaction(header.ProducerId, partition.Partition, marker.Commit);
                    }
                    continue;
                }
                foreach (var record in RecordBatchReader.Records(header, batch))
                {
                    try
                    {
                        offsets += Apply(groups, header, record) ? 1 : 0;
                    }
                    catch (Exception e) when (e is MalformedRequestException or InvalidDataException)
                    {
                        GroupLog.Unreadable(logger, e, record.Offset, partition.Partition);
                    }
                }
            }
        }
        return offsets;
    }

    private static bool Apply(GroupCoordinator groups, BatchHeader header, LogRecord record)
    {
        if (record.Key is not { } key || OffsetsRecords.ReadKey(key) is not { } target)
        {
            return false;
        }
        if (target.Partition is not { } partition)
        {
            if (record.Value is { } saved)
            {
                groups.GetOrAdd(target.Group).Restore(OffsetsRecords.ReadGroup(target.Group, saved));
            }
            else
            {
                groups.Forget(target.Group);
            }
            return false;
        }
        if (record.Value is not { } value)
        {
            groups.Find(target.Group)?.RemoveOffset(partition);
            return false;
        }
        var offset = OffsetsRecords.ReadOffset(value, record.Offset);
        var group = groups.GetOrAdd(target.Group);
        if (header.IsTransactional)
        {
            groups.AddPending(group, header.ProducerId, partition, offset);
        }
        else
        {
            group.Apply(partition, offset);
        }
        return true;
    }
}
