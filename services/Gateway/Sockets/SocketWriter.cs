using System.Net.WebSockets;
using System.Threading.Channels;

namespace StreamPlatform.Gateway.Sockets;

/// <summary>
/// The sending side of a WebSocket: callers queue and never wait, one loop sends in order. A client that does not read is closed
/// when the queue is full; a send that takes too long ends the socket.
/// </summary>
public sealed class SocketWriter(WebSocket socket, GatewayOptions options, TimeProvider time)
{
    private readonly Channel<ReadOnlyMemory<byte>> queue = Channel.CreateBounded<ReadOnlyMemory<byte>>(
        new BoundedChannelOptions(options.MaxOutgoingMessages) { SingleReader = true });

    private int closeCode;
    private string closeReason = "";

    /// <summary>Queues a JSON text message. False when the socket is closing or the client is too slow (which closes it).</summary>
    public bool TrySend(object message) => TrySendUtf8(GatewayJson.Utf8(message));

    /// <inheritdoc cref="TrySend"/>
    public bool TrySendUtf8(ReadOnlyMemory<byte> utf8)
    {
        if (queue.Writer.TryWrite(utf8))
        {
            return true;
        }

        Close(CloseCodes.TryAgainLater, "too slow: the queue of messages to this client is full");
        return false;
    }

    /// <summary>Closes the socket after what is queued; the first reason counts.</summary>
    public void Close(int code, string reason)
    {
        if (Interlocked.CompareExchange(ref closeCode, code, 0) == 0)
        {
            // at most 123 bytes fit a close frame (RFC 6455, 5.5.1)
            Volatile.Write(ref closeReason, reason.Length > 120 ? reason[..120] : reason);
            queue.Writer.TryComplete();
        }
    }

    /// <summary>Sends until closed; ends after the close frame is sent, or when the socket fails.</summary>
    public async Task RunAsync()
    {
        try
        {
            await foreach (var message in queue.Reader.ReadAllAsync())
            {
                using var timeout = new CancellationTokenSource(TimeSpan.FromMilliseconds(options.SendTimeoutMs), time);
                await socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, timeout.Token);
            }

            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                using var timeout = new CancellationTokenSource(TimeSpan.FromMilliseconds(options.SendTimeoutMs), time);
                await socket.CloseOutputAsync((WebSocketCloseStatus)Volatile.Read(ref closeCode), Volatile.Read(ref closeReason), timeout.Token);
            }
        }
        catch (Exception error) when (error is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException)
        {
            // the peer is gone or does not read: the receiving side sees the aborted socket and ends the connection
            queue.Writer.TryComplete();
            socket.Abort();
        }
    }
}
