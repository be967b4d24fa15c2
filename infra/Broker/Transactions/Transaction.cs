namespace StreamPlatform.Broker.Transactions;

/// <summary>
/// The kinds of requests a transactional producer sends, each on one connection at a time: librdkafka keeps a connection for the coordinator, one for
/// the partitions' leader and one for the group's coordinator, so their ages may be compared only within a kind.
/// </summary>
internal enum ConnectionUse
{
    Coordinator,
    Produce,
    Offsets,
}

/// <summary>
/// One transactional id. <see cref="Gate"/> is held for every change, across the waits for the log; <see cref="Current"/> may be read without it.
/// </summary>
internal sealed class Transaction(string id) : IDisposable
{
    private readonly long[] _lastConnections = new long[3];
    private volatile TransactionMetadata? _current;

    public string Id { get; } = id;
    public SemaphoreSlim Gate { get; } = new(1, 1);

    /// <summary>Null until the first producer is initialised, and again once the id is forgotten.</summary>
    public TransactionMetadata? Current
    {
        get => _current;
        set => _current = value;
    }

    /// <summary>
    /// False for a request from a connection older than the last one used: it was overtaken by its own repetition (the client gave the connection up), and
    /// must not touch a transaction begun since. Content cannot tell: until EndTxn 5 the epoch is the same for all transactions of a producer.
    /// </summary>
    public bool Admits(ConnectionUse use, long connectionNumber)
    {
        ref var last = ref _lastConnections[(int)use];
        while (true)
        {
            var seen = Interlocked.Read(ref last);
            if (connectionNumber < seen)
            {
                return false;
            }
            if (connectionNumber == seen || Interlocked.CompareExchange(ref last, connectionNumber, seen) == seen)
            {
                return true;
            }
        }
    }

    /// <summary>A new epoch begins: nothing has been sent with it yet, on whatever connection (its producer may be older than the one it fences).</summary>
    public void ForgetConnections()
    {
        for (var use = 0; use < _lastConnections.Length; use++)
        {
            Interlocked.Exchange(ref _lastConnections[use], 0);
        }
    }

    public void Dispose() => Gate.Dispose();
}
