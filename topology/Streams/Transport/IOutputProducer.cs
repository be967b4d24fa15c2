namespace StreamPlatform.Streams;

/// <summary>Writes records. Used by one thread at a time.</summary>
public interface IOutputProducer : IDisposable
{
    void InitTransactions(TimeSpan timeout);
    void Begin();
    /// <summary>Takes a copy of key and value. Blocks while the client's queue is full.</summary>
    void Produce(in OutputRecord record);
    void SendOffsets(IReadOnlyList<PartitionOffset> offsets, GroupMembership membership, TimeSpan timeout);
    void CommitTransaction(TimeSpan timeout);
    void AbortTransaction(TimeSpan timeout);
    /// <summary>Without transactions: returns when every record produced is acknowledged, throws if one was not.</summary>
    void Flush(TimeSpan timeout);
}
