using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace StreamPlatform.Broker.Network;

/// <summary>Accepts connections up to the limit and closes those that are idle too long.</summary>
internal sealed class Listener : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly BrokerOptions _options;
    private readonly ConcurrentDictionary<long, (Connection Connection, Task Run)> _connections = new();
    private readonly CancellationTokenSource _stopping = new();
    private ITimer? _idleCheck;
    private Task _accept = Task.CompletedTask;
    private long _lastNumber;

    private Listener(Socket socket, BrokerOptions options)
    {
        _socket = socket;
        _options = options;
    }

    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    /// <summary>Binds. IOException naming the port if it is taken or not allowed.</summary>
    public static Listener Bind(BrokerOptions options)
    {
        var endpoint = new IPEndPoint(IPAddress.Parse(options.Host), options.Port);
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(endpoint);
            socket.Listen(512);
            return new Listener(socket, options);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            var reason = e.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => "it is taken by another process: stop that one or choose another port",
                SocketError.AccessDenied => "it needs more permissions: choose a port above 1023",
                SocketError.AddressNotAvailable => "this machine has no such address",
                _ => e.Message,
            };
            throw new IOException($"The broker cannot listen on {endpoint.Address} port {endpoint.Port}: {reason}.", e);
        }
    }

    public void Start(ConnectionContext context)
    {
        var idle = TimeSpan.FromMilliseconds(_options.IdleConnectionMs);
        var period = TimeSpan.FromMilliseconds(Math.Max(500, _options.IdleConnectionMs / 10));
        _idleCheck = context.Time.CreateTimer(_ => CloseIdle(context.Time, idle), null, period, period);
        _accept = AcceptAsync(context);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        _socket.Dispose();
        await _accept.ConfigureAwait(false);
        if (_idleCheck is { } timer)
        {
            await timer.DisposeAsync().ConfigureAwait(false);
        }
        await Task.WhenAll(_connections.Values.Select(entry => entry.Run)).ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task AcceptAsync(ConnectionContext context)
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var client = await _socket.AcceptAsync(_stopping.Token).ConfigureAwait(false);
                client.NoDelay = true;
                if (_connections.Count >= _options.MaxConnections)
                {
                    Log.TooManyConnections(context.Logger, _connections.Count);
                    client.Dispose();
                    continue;
                }
                Serve(client, context);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e)
            {
                if (_stopping.IsCancellationRequested)
                {
                    return;
                }
                if (e.SocketErrorCode is SocketError.ConnectionAborted or SocketError.ConnectionReset)
                {
                    continue; // the client left before it was accepted
                }
                // Out of descriptors: pause, so as not to spin.
                Log.AcceptFailed(context.Logger, e);
                await Task.Delay(TimeSpan.FromMilliseconds(100), context.Time, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private void Serve(Socket client, ConnectionContext context)
    {
        var number = ++_lastNumber;
        var connection = new Connection(client, number, context, _stopping.Token);
        var registered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var run = RunAsync(number, connection, registered.Task);
        _connections[number] = (connection, run);
        registered.SetResult();
    }

    private async Task RunAsync(long number, Connection connection, Task registered)
    {
        await registered.ConfigureAwait(false);
        using (connection)
        {
            await connection.RunAsync().ConfigureAwait(false);
        }
        _connections.TryRemove(number, out _);
    }

    private void CloseIdle(TimeProvider time, TimeSpan idle)
    {
        foreach (var (connection, _) in _connections.Values)
        {
            if (time.GetElapsedTime(connection.LastActivity) > idle)
            {
                connection.Close();
            }
        }
    }
}
