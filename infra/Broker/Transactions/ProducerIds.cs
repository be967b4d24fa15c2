using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Transactions;

/// <summary>Producer ids, reserved in the log in blocks; what is left of a block at a stop is never given out.</summary>
internal sealed class ProducerIds : IDisposable
{
    private const long BlockSize = 1_000;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private long _next;
    private long _reservedUntil;

    /// <summary>For the loader: ids below this one may have been given out.</summary>
    public void StartAt(long firstFree)
    {
        _next = Math.Max(_next, firstFree);
        _reservedUntil = _next;
    }

    /// <summary>A fresh id, or the error to answer when the log cannot take the reservation.</summary>
    public async ValueTask<(ErrorCode Error, long Id)> NextAsync(TransactionStateLog log)
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_next == _reservedUntil)
            {
                var result = await log.SaveProducerIds(_reservedUntil + BlockSize).ConfigureAwait(false);
                if (result.Error != ErrorCode.None)
                {
                    return (ErrorCode.CoordinatorNotAvailable, -1);
                }
                _reservedUntil += BlockSize;
            }
            return (ErrorCode.None, _next++);
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();
}
