using System.Net.WebSockets;
using System.Text.Json;
using StreamPlatform.Gateway.Capture;

namespace StreamPlatform.Tests.Unit.Gateway;

/// <summary>A WebSocket client of the tests: sends what it is told, reads message by message, waits at most a minute for one.</summary>
public sealed class CaptureClient : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly ClientWebSocket socket = new();
    private readonly byte[] buffer = new byte[1024 * 1024];

    private CaptureClient(string token) => Token = token;

    public string Token { get; }

    public WebSocketCloseStatus? CloseStatus => socket.CloseStatus;

    public static byte[] Jpeg(int bytes = 64)
    {
        var jpeg = new byte[bytes];
        (jpeg[0], jpeg[1], jpeg[2], jpeg[3]) = (0xFF, 0xD8, 0xFF, 0xE0);
        return jpeg;
    }

    public static async Task<CaptureClient> OpenAsync(Uri baseAddress, string pathAndQuery, string token)
    {
        var client = new CaptureClient(token);
        using var timeout = new CancellationTokenSource(Patience);
        await client.socket.ConnectAsync(new Uri($"ws://{baseAddress.Authority}{pathAndQuery}"), timeout.Token);
        return client;
    }

    public async Task<JsonElement> HelloAsync(long? nextFrame = null, long? nextAudio = null, string? traceparent = null)
    {
        await SendAsync(new
        {
            type = "hello", clientTimeMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), nextFrameSequence = nextFrame,
            nextAudioSequence = nextAudio, traceparent,
        });
        return await ExpectAsync("hello");
    }

    public Task SendAsync(object json) => SendRawAsync(JsonSerializer.SerializeToUtf8Bytes(json), WebSocketMessageType.Text);

    public async Task SendRawAsync(byte[] data, WebSocketMessageType type)
    {
        using var timeout = new CancellationTokenSource(Patience);
        await socket.SendAsync(data, type, true, timeout.Token);
    }

    public Task FrameAsync(uint sequence, byte[]? jpeg = null, long? capturedAtMs = null) => SendRawAsync(
        MediaMessage.Write(MediaKind.Frame, false, sequence, capturedAtMs ?? DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), jpeg ?? Jpeg()),
        WebSocketMessageType.Binary);

    public Task AudioAsync(uint sequence, bool end = false, int bytes = 320) => SendRawAsync(
        MediaMessage.Write(MediaKind.Audio, end, sequence, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), new byte[bytes]),
        WebSocketMessageType.Binary);

    /// <summary>The next message; null once the gateway has closed.</summary>
    public async Task<JsonElement?> NextAsync()
    {
        using var timeout = new CancellationTokenSource(Patience);
        var length = 0;
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(length), timeout.Token);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            length += received.Count;
            if (received.EndOfMessage)
            {
                return JsonDocument.Parse(buffer.AsMemory(0, length)).RootElement.Clone();
            }
        }
    }

    public async Task<JsonElement> ExpectAsync(string type)
    {
        var message = await NextAsync() ?? throw new InvalidOperationException($"Closed with {CloseStatus} instead of a {type}.");
        Assert.True(message.GetProperty("type").GetString() == type, $"Expected {type}, got {message}");
        return message;
    }

    public async Task ExpectAckAsync(string stream, long sequence)
    {
        var ack = await ExpectAsync("ack");
        Assert.Equal((stream, sequence), (ack.GetProperty("stream").GetString(), ack.GetProperty("sequence").GetInt64()));
    }

    public async Task<JsonElement> ExpectErrorAsync(string code)
    {
        var error = await ExpectAsync("error");
        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
        return error;
    }

    /// <summary>Shows that nothing else was on its way: a ping is answered next.</summary>
    public async Task ExpectNothingAsync()
    {
        await SendAsync(new { type = "ping" });
        await ExpectAsync("pong");
    }

    /// <summary>Reads to the end and returns the close code.</summary>
    public async Task<int> ClosedAsync()
    {
        while (await NextAsync() is not null)
        {
        }

        return (int)CloseStatus!;
    }

    /// <summary>Leaves without a word, as a lost connection does.</summary>
    public void Abort() => socket.Abort();

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
