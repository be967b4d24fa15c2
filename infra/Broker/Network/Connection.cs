using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using StreamPlatform.Broker.Requests;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Network;

/// <summary>What all connections of a broker share.</summary>
internal sealed record ConnectionContext(
    BrokerOptions Options, TimeProvider Time, ILogger Logger, ByteBudget Budget, IReadOnlyDictionary<ApiKey, IRequestHandler> Handlers);

/// <summary>
/// One client. The loop reads a frame ahead, so that a client that goes away is noticed while its request waits; a request starts when all earlier
/// ones are answered, except that pipelined ones (Produce) overlap with each other. Answers are sent in the order of the requests.
/// </summary>
internal sealed class Connection : IDisposable
{
    private readonly Socket _socket;
    private readonly long _number;
    private readonly ConnectionContext _context;
    private readonly FrameReader _frames;
    private readonly SemaphoreSlim _slots;
    private readonly CancellationTokenSource _closed;
    private readonly Lock _gate = new();
    private readonly Queue<Pending> _pending = new();
    private Task _drain = Task.CompletedTask;
    private bool _draining;
    private bool _lastPipelined;

    public Connection(Socket socket, long number, ConnectionContext context, CancellationToken stopping)
    {
        _socket = socket;
        _number = number;
        _context = context;
        _frames = new FrameReader(socket, context.Options.MaxRequestBytes, context.Budget);
        _slots = new SemaphoreSlim(context.Options.MaxPipelinedPerConnection);
        _closed = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        LastActivity = context.Time.GetTimestamp();
    }

    public long LastActivity { get; private set; }

    private readonly record struct Pending(Frame Frame, RequestContext Context, KafkaWriter Response, ValueTask Handler, FaultKind Fault);

    /// <summary>Serves the client until it leaves, errs or the broker stops. Never throws for the client's faults.</summary>
    public async Task RunAsync()
    {
        try
        {
            while (await _frames.ReadAsync(_closed.Token).ConfigureAwait(false) is { } frame)
            {
                LastActivity = _context.Time.GetTimestamp();
                if (!await AcceptAsync(frame).ConfigureAwait(false))
                {
                    break;
                }
            }
        }
        catch (MalformedRequestException e)
        {
            Log.MalformedRequest(_context.Logger, _number, e.Message);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The client is gone or the broker stops: nothing to say.
        }
        finally
        {
            Close();
            await _drain.ConfigureAwait(false);
        }
    }

    /// <summary>Ends the connection from any thread.</summary>
    public void Close()
    {
        try
        {
            _closed.Cancel();
            _socket.Dispose();
        }
        catch (ObjectDisposedException)
        {
            // already ended
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        _frames.Dispose();
        _slots.Dispose();
        _closed.Dispose();
    }

    // False: this connection is to be closed.
    private async ValueTask<bool> AcceptAsync(Frame frame)
    {
        var owned = true;
        try
        {
            var header = RequestHeader.Parse(frame.Bytes.Span);
            if (!_context.Handlers.TryGetValue(header.Key, out var handler) || !(SupportedApis.Of(header.Key).Contains(header.Version) || header.Key == ApiKey.ApiVersions))
            {
                throw new MalformedRequestException($"{header.Key} v{header.Version} is not served");
            }
            if (!(handler.Pipelined && _lastPipelined))
            {
                await _drain.ConfigureAwait(false);
            }
            _lastPipelined = handler.Pipelined;
            await _slots.WaitAsync(_closed.Token).ConfigureAwait(false);
            var context = new RequestContext
            {
                Key = header.Key,
                Version = header.Version,
                CorrelationId = header.CorrelationId,
                ClientId = header.ClientId,
                Flexible = header.Flexible,
                ConnectionNumber = _number,
                RemoteEndPoint = _remote ??= _socket.RemoteEndPoint,
            };
            var fault = _context.Options.FaultHook?.Invoke(context) ?? Fault.None;
            if (fault.Delay > TimeSpan.Zero)
            {
                await Task.Delay(fault.Delay, _context.Time, _closed.Token).ConfigureAwait(false);
            }
            if (fault.Kind == FaultKind.Cut)
            {
                return false;
            }
            if (fault.Kind == FaultKind.Drop)
            {
                _slots.Release();
                return true;
            }
            owned = false;
            Start(frame, header, context, handler, fault.Kind);
            return true;
        }
        finally
        {
            if (owned)
            {
                frame.Dispose();
            }
        }
    }

    private System.Net.EndPoint? _remote;

    private void Start(Frame frame, RequestHeader header, RequestContext context, IRequestHandler handler, FaultKind fault)
    {
        var response = new KafkaWriter(header.Flexible);
        response.WriteInt32(0);
        response.WriteInt32(header.CorrelationId);
        if (header.Key != ApiKey.ApiVersions)
        {
            // Header v1 ends with tagged fields; that of ApiVersions is always v0, since the client does not know yet what the broker speaks.
            response.WriteEmptyTaggedFields();
        }
        ValueTask work;
        try
        {
            work = handler.HandleAsync(context, frame.Bytes[header.BodyStart..], response, _closed.Token);
        }
        catch (Exception e)
        {
            work = ValueTask.FromException(e);
        }
        lock (_gate)
        {
            _pending.Enqueue(new Pending(frame, context, response, work, fault));
            if (_draining)
            {
                return;
            }
            _draining = true;
        }
        _drain = DrainAsync();
    }

    // Awaits and sends the answers in order; one runs at a time. After a failure the rest is awaited and thrown away.
    private async Task DrainAsync()
    {
        while (true)
        {
            Pending next;
            lock (_gate)
            {
                if (!_pending.TryDequeue(out next))
                {
                    _draining = false;
                    return;
                }
            }
            try
            {
                await next.Handler.ConfigureAwait(false);
                if (next.Fault == FaultKind.CutAfter)
                {
                    Close();
                }
                else if (!next.Context.NoResponse && !_closed.IsCancellationRequested)
                {
                    await SendAsync(next.Response).ConfigureAwait(false);
                }
                LastActivity = _context.Time.GetTimestamp();
            }
            catch (MalformedRequestException e)
            {
                Log.MalformedRequest(_context.Logger, _number, $"{next.Context.Key} v{next.Context.Version}: {e.Message}");
                Close();
            }
            catch (Exception e) when (e is SocketException || (e is OperationCanceledException or ObjectDisposedException && _closed.IsCancellationRequested))
            {
                Close();
            }
            catch (Exception e)
            {
                Log.RequestFailed(_context.Logger, e, _number, next.Context.Key, next.Context.Version);
                Close();
            }
            finally
            {
                next.Response.Dispose();
                next.Frame.Dispose();
                _slots.Release();
            }
        }
    }

    private async ValueTask SendAsync(KafkaWriter response)
    {
        response.PatchInt32(0, response.Length - sizeof(int));
        var rest = response.WrittenMemory;
        while (!rest.IsEmpty)
        {
            var sent = await _socket.SendAsync(rest, SocketFlags.None, _closed.Token).ConfigureAwait(false);
            rest = rest[sent..];
        }
    }
}
