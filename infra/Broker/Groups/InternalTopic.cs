using StreamPlatform.Broker.Storage;

namespace StreamPlatform.Broker.Groups;

/// <summary>Reading a coordinator's topic from its start to its end, control batches included.</summary>
internal static class InternalTopic
{
    public static IEnumerable<(BatchHeader Header, ReadOnlyMemory<byte> Batch)> Batches(IPartitionLog log, int chunkBytes)
    {
        var offset = log.LogStartOffset;
        while (offset < log.HighWatermark)
        {
            var chunk = log.Read(offset, chunkBytes);
            var before = offset;
            foreach (var (header, batch) in RecordBatchReader.Batches(chunk))
            {
                offset = header.LastOffset + 1;
                yield return (header, batch);
            }
            if (offset == before)
            {
                yield break;
            }
        }
    }
}
