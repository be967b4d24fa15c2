using System.Net.WebSockets;
using System.Text;
using StreamPlatform.Gateway;
using StreamPlatform.Gateway.Live;
using StreamPlatform.Gateway.Sockets;

namespace StreamPlatform.Tests.Unit.Gateway;

public sealed class LiveHubTests
{
    private static readonly GatewayOptions Options = new() { MaxOutgoingMessages = 16, LiveHistoryMessages = 8, LiveHistorySessions = 2 };

    [Fact]
    public async Task A_follower_that_does_not_read_is_closed_and_the_others_go_on()
    {
        var hub = new LiveHub(Options);
        var (slowSocket, fastSocket) = (new RecordingSocket(), new RecordingSocket());
        var slow = new SocketWriter(slowSocket, Options, TimeProvider.System);
        var fast = new SocketWriter(fastSocket, Options, TimeProvider.System);
        hub.Follow("s", slow);
        hub.Follow("s", fast);
        var sending = fast.RunAsync();
        for (var i = 0; i < 40; i++)
        {
            hub.Publish("s", Encoding.UTF8.GetBytes(i.ToString()));
            await Eventually.TrueAsync(() => fastSocket.Sent.Count == i + 1, "the fast one has read");
        }

        fast.Close(1000, "");
        await sending;
        await slow.RunAsync();
        Assert.Equal(16, slowSocket.Sent.Count);
        Assert.Equal((WebSocketCloseStatus)1013, slowSocket.CloseStatus);
        Assert.Equal(40, fastSocket.Sent.Count);
    }

    [Fact]
    public async Task Only_the_newest_messages_of_the_sessions_used_last_are_kept()
    {
        var hub = new LiveHub(Options);
        for (var i = 0; i < 20; i++)
        {
            hub.Publish("a", Encoding.UTF8.GetBytes($"a{i}"));
        }

        Assert.Equal(Enumerable.Range(12, 8).Select(i => $"a{i}"), await HistoryAsync(hub, "a"));
        hub.Publish("b", "b"u8.ToArray());
        hub.Publish("c", "c"u8.ToArray());
        Assert.Empty(await HistoryAsync(hub, "a"));
        Assert.Equal(["c"], await HistoryAsync(hub, "c"));
    }

    private static async Task<IReadOnlyList<string>> HistoryAsync(LiveHub hub, string session)
    {
        var socket = new RecordingSocket();
        var writer = new SocketWriter(socket, Options, TimeProvider.System);
        hub.Follow(session, writer);
        hub.Leave(session, writer);
        writer.Close(1000, "");
        await writer.RunAsync();
        return socket.Sent;
    }

    private sealed class RecordingSocket : WebSocket
    {
        private WebSocketCloseStatus? closed;

        public List<string> Sent { get; } = [];

        public override WebSocketCloseStatus? CloseStatus => closed;

        public override string? CloseStatusDescription => null;

        public override WebSocketState State => closed is null ? WebSocketState.Open : WebSocketState.CloseSent;

        public override string? SubProtocol => null;

        public override void Abort() => closed ??= WebSocketCloseStatus.Empty;

        public override Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) =>
            CloseOutputAsync(closeStatus, statusDescription, cancellationToken);

        public override Task CloseOutputAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken)
        {
            closed = closeStatus;
            return Task.CompletedTask;
        }

        public override void Dispose()
        {
        }

        public override Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public override Task SendAsync(ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken)
        {
            lock (Sent)
            {
                Sent.Add(Encoding.UTF8.GetString(buffer));
            }

            return Task.CompletedTask;
        }
    }
}
