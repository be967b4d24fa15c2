using System.Buffers;
using System.Net.WebSockets;

namespace StreamPlatform.Gateway.Sockets;

public enum SocketInput
{
    Text,
    Binary,

    /// <summary>The message was longer than the bound.</summary>
    TooBig,

    /// <summary>The peer closed, properly or not.</summary>
    Closed,
}

/// <summary>The receiving side of a WebSocket: whole messages up to a bound, in a buffer that is reused.</summary>
public sealed class SocketReader(WebSocket socket, int maxMessageBytes) : IDisposable
{
    private const int FirstBufferBytes = 32 * 1024;
    private byte[] buffer = ArrayPool<byte>.Shared.Rent(FirstBufferBytes);

    /// <summary>The next message; its bytes are good until the next call. Does not throw when the peer is gone.</summary>
    public async ValueTask<(SocketInput Kind, ReadOnlyMemory<byte> Data)> ReceiveAsync()
    {
        var length = 0;
        try
        {
            while (true)
            {
                if (length == buffer.Length)
                {
                    Grow();
                }

                var received = await socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    return (SocketInput.Closed, default);
                }

                length += received.Count;
                if (length > maxMessageBytes)
                {
                    return (SocketInput.TooBig, default);
                }

                if (received.EndOfMessage)
                {
                    var kind = received.MessageType == WebSocketMessageType.Text ? SocketInput.Text : SocketInput.Binary;
                    return (kind, buffer.AsMemory(0, length));
                }
            }
        }
        catch (Exception error) when (error is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException)
        {
            return (SocketInput.Closed, default);
        }
    }

    /// <summary>Reads and forgets until the peer closes, so that it can read our close frame before the connection goes.</summary>
    public async Task DrainAsync()
    {
        try
        {
            while (socket.State is WebSocketState.Open or WebSocketState.CloseSent
                && (await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None)).MessageType != WebSocketMessageType.Close)
            {
            }
        }
        catch (Exception error) when (error is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException)
        {
            // gone: nothing left to drain
        }
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(buffer);

    private void Grow()
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Min(buffer.Length * 2, Math.Max(maxMessageBytes + 1, buffer.Length + 1)));
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }
}
