using System.Net;
using Microsoft.Extensions.Logging;

namespace Cassandra.Protocol;

/// <summary>
/// A started connection: callers encode straight into one pending buffer under a short lock; one loop swaps that buffer, packs it into segments and writes it, so that
/// whatever gathered during a write leaves in the next one; another loop reads and completes. See <see cref="IConnection"/> for what callers are promised.
/// </summary>
internal sealed partial class Connection : IConnection, IStreamOwner
{
    private readonly Stream _stream;
    private readonly ConnectionOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly IPEndPoint _endPoint;
    private readonly Lock _gate = new();
    private readonly Signal _writerWake = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private readonly PendingRequest[] _streams;
    private readonly short[] _free;
    private readonly LinkedList<Waiter> _waiters = [];
    private readonly List<PendingRequest> _unsent = [];
    private CqlWriter _pending;
    private CqlWriter _writing;
    private readonly SegmentWriter _segmentWriter;
    private readonly SegmentReader _segmentReader;
    private int _freeCount;
    private int _orphans;
    private bool _writerIdle = true;
    private bool _open = true;
    private Exception? _cause;
    private long _lastRead;
    private ITimer? _timer;
    private int _heartbeat;
    private Task _loops = Task.CompletedTask;

    public Connection(Stream stream, IPEndPoint endPoint, ConnectionOptions options, bool compressed, TimeProvider time, ILogger log)
    {
        (_stream, _endPoint, _options, _time, _log) = (stream, endPoint, options, time, log);
        _segmentWriter = new SegmentWriter(compressed);
        _segmentReader = new SegmentReader(compressed, options.MaxFrameBytes);
        _pending = new CqlWriter(16 << 10);
        _writing = new CqlWriter(16 << 10);
        _free = new short[options.MaxInFlight];
        _streams = new PendingRequest[options.MaxInFlight];
        for (int i = 0; i < _streams.Length; i++)
        {
            _streams[i] = new PendingRequest((short)i, this);
            _free[i] = (short)(_streams.Length - 1 - i);
        }
        _freeCount = _free.Length;
    }

    public event Action<EventResponse>? Event;

    public EndPoint EndPoint => _endPoint;

    public int MaxInFlight => _streams.Length;

    public int InFlight => _streams.Length - Volatile.Read(ref _freeCount);

    public bool IsOpen => Volatile.Read(ref _open);

    public Task Closed => _closed.Task;

    /// <summary>Starts reading, writing and the clock.</summary>
    public void Start()
    {
        _lastRead = _time.GetTimestamp();
        _loops = Task.WhenAll(ReadLoopAsync(), WriteLoopAsync());
        _timer = _time.CreateTimer(static state => ((Connection)state!).Tick(), this, _options.TimeoutResolution, _options.TimeoutResolution);
    }

    public ValueTask<Response> SendAsync(Request request, TimeSpan timeout, CancellationToken ct)
    {
        if (ct.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<Response>(ct);
        }
        long deadline = Deadline(timeout);
        Waiter waiter;
        PendingRequest? sent = null;
        ValueTask<Response> answer = default;
        bool wake = false;
        lock (_gate)
        {
            if (_waiters.Count == 0 && HasRoom)
            {
                sent = Enqueue(request, deadline, timeout, out answer, out wake);
                waiter = null!;
            }
            else
            {
                waiter = AddWaiter(deadline, timeout);
            }
        }
        if (sent is null)
        {
            return SendLaterAsync(waiter, request, deadline, timeout, ct);
        }
        sent.Watch(ct);
        if (wake)
        {
            _writerWake.Set();
        }
        return answer;
    }

    /// <summary>Closes at once: what is in flight fails with <see cref="ConnectionClosedException"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        Close(null);
        await _loops.ConfigureAwait(false);
    }

    public void Release(PendingRequest request)
    {
        lock (_gate)
        {
            Free(request.Stream);
        }
    }

    public void GiveUp(PendingRequest request, long use, Exception error)
    {
        bool tooMany;
        lock (_gate)
        {
            // Within the lock, so that the reader, finding the request done, waits until its orphan stands in its place.
            if (!request.TryClaim(use))
            {
                return;
            }
            _streams[request.Stream] = PendingRequest.Orphan(request.Stream, this);
            tooMany = ++_orphans > _options.MaxOrphans;
        }
        request.Fail(error, detach: true);
        if (tooMany)
        {
            Close(new TimeoutException($"More than {_options.MaxOrphans} requests were given up and never answered."));
        }
    }

    private bool HasRoom => _freeCount > 0 && _pending.Length < _options.MaxPendingBytes;

    private long Deadline(TimeSpan timeout) => timeout == Timeout.InfiniteTimeSpan
        ? long.MaxValue
        : _time.GetTimestamp() + (long)(Math.Min(timeout.TotalSeconds, int.MaxValue) * _time.TimestampFrequency);

    /// <summary>Under the lock: takes an id and encodes. Nothing is left of it when encoding throws.</summary>
    private PendingRequest Enqueue(Request request, long deadline, TimeSpan timeout, out ValueTask<Response> answer, out bool wake)
    {
        if (!_open)
        {
            throw new ConnectionClosedException(_endPoint, requestSent: false, _cause);
        }
        int before = _pending.Length;
        PendingRequest pending = _streams[_free[_freeCount - 1]];
        try
        {
            RequestEncoder.Write(request, pending.Stream, _pending, _options.MaxFrameBytes);
        }
        catch
        {
            _pending.Truncate(before);
            throw;
        }
        _freeCount--;
        _unsent.Add(pending);
        answer = pending.Begin(deadline, timeout);
        wake = _writerIdle;
        _writerIdle = false;
        return pending;
    }

    private void Free(short stream)
    {
        _free[_freeCount++] = stream;
        WakeWaiters();
    }

    private void Tick()
    {
        if (!IsOpen)
        {
            return;
        }
        long now = _time.GetTimestamp();
        foreach (PendingRequest request in _streams)
        {
            long use = request.ActiveUse();
            if (use != 0 && request.Deadline <= now)
            {
                GiveUp(request, use, new OperationTimedOutException(_endPoint, request.Timeout));
            }
        }
        ExpireWaiters(now);
        if (_time.GetElapsedTime(Volatile.Read(ref _lastRead), now) >= _options.HeartbeatInterval && Interlocked.Exchange(ref _heartbeat, 1) == 0)
        {
            _ = HeartbeatAsync();
        }
    }

    private async Task HeartbeatAsync()
    {
        try
        {
            await SendAsync(OptionsRequest.Instance, _options.HeartbeatTimeout, CancellationToken.None).ConfigureAwait(false);
        }
        catch (DriverException error)
        {
            Close(new TimeoutException("A heartbeat was not answered.", error));
        }
        finally
        {
            Volatile.Write(ref _heartbeat, 0);
        }
    }

    /// <summary>Once: fails what waits and what is in flight, and lets the loops end.</summary>
    private void Close(Exception? cause)
    {
        List<(PendingRequest Request, long Use)> inFlight = [];
        lock (_gate)
        {
            if (!_open)
            {
                return;
            }
            Volatile.Write(ref _open, false);
            _cause = cause;
            inFlight.AddRange(_streams.Select(request => (request, request.ActiveUse())).Where(pair => pair.Item2 != 0));
            WakeWaiters();
        }
        if (cause is not null)
        {
            CassandraLog.ConnectionFailed(_log, _endPoint, cause);
        }
        foreach ((PendingRequest request, long use) in inFlight)
        {
            if (request.TryClaim(use))
            {
                request.Fail(new ConnectionClosedException(_endPoint, request.Sent, cause), detach: true);
            }
        }
        _timer?.Dispose();
        _stop.Cancel();
        _writerWake.Set();
        _stream.Dispose();
        _closed.TrySetResult();
    }
}
