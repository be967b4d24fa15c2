using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text.Json;
using StreamPlatform.Gateway.Capture;

namespace StreamPlatform.Cli.Demo;

/// <summary>A capture client as the browser's: streams frames, audio and answers over the gateway's WebSocket, keeps what is not acknowledged and sends it again after a reconnect.</summary>
public sealed class CaptureClient : IAsyncDisposable
{
    private const int MaxUnacked = 2048;

    private readonly string traceParent;
    private readonly TimeProvider time;
    private readonly SemaphoreSlim sending = new(1, 1);
    private readonly MediaStream frames = new();
    private readonly MediaStream audio = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource> answerAcks = new();
    private readonly TaskCompletionSource completed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource<JsonElement> hello = NewSignal();
    private TaskCompletionSource<JsonElement> question = NewSignal();
    private ClientWebSocket socket = new();
    private Task reading = Task.CompletedTask;

    /// <param name="address">ws:// address of the capture endpoint, token included.</param>
    /// <param name="traceParent">W3C traceparent of the interview.</param>
    /// <param name="time">Clock of the capture times.</param>
    public CaptureClient(Uri address, string traceParent, TimeProvider time)
    {
        Address = address;
        this.traceParent = traceParent;
        this.time = time;
    }

    /// <summary>Where the next connection goes.</summary>
    public Uri Address { get; set; }

    /// <summary>Frames sent, acknowledged and not yet acknowledged.</summary>
    public MediaStream Frames => frames;

    /// <summary>Audio chunks sent, acknowledged and not yet acknowledged.</summary>
    public MediaStream Audio => audio;

    /// <summary>Milliseconds from capture to acknowledgement of every acknowledged frame and chunk.</summary>
    public ConcurrentBag<double> AckLatenciesMs { get; } = [];

    /// <summary>Errors that the gateway sent, as "code: message".</summary>
    public ConcurrentQueue<string> Errors { get; } = new();

    /// <summary>Completes when the server says that the interview is over.</summary>
    public Task Completed => completed.Task;

    /// <summary>The question in progress; awaits the next one.</summary>
    public Task<JsonElement> Question => question.Task;

    /// <summary>Connects, exchanges hello, and sends again what was not acknowledged on an earlier connection.</summary>
    /// <exception cref="WebSocketException">The gateway refused or cannot be reached.</exception>
    public async Task ConnectAsync(CancellationToken ct)
    {
        socket.Dispose();
        socket = new ClientWebSocket();
        hello = NewSignal();
        await socket.ConnectAsync(Address, ct);
        reading = ReadAsync(socket, ct);
        await SendJsonAsync(new
        {
            type = "hello",
            clientTimeMs = NowMs(),
            traceparent = traceParent,
            nextFrameSequence = frames.NextToAck,
            nextAudioSequence = audio.NextToAck,
        }, ct);
        await hello.Task.WaitAsync(TimeSpan.FromSeconds(15), time, ct);
        foreach (var message in frames.Unacked().Concat(audio.Unacked()))
        {
            await SendBinaryAsync(message, ct);
        }
    }

    /// <summary>Starts the interview; the first question follows.</summary>
    public Task StartAsync(CancellationToken ct) => SendJsonAsync(new { type = "start" }, ct);

    /// <summary>Sends one JPEG.</summary>
    public Task SendFrameAsync(ReadOnlyMemory<byte> jpeg, CancellationToken ct) => SendMediaAsync(frames, MediaKind.Frame, false, jpeg, ct);

    /// <summary>Sends one chunk of PCM16 mono 16 kHz; the last one of an answer ends it.</summary>
    public Task SendAudioAsync(ReadOnlyMemory<byte> pcm16, bool endOfAnswer, CancellationToken ct)
    {
        if (endOfAnswer)
        {
            question = NewSignal();
        }

        return SendMediaAsync(audio, MediaKind.Audio, endOfAnswer, pcm16, ct);
    }

    /// <summary>Sends a typed answer and waits until it is acknowledged.</summary>
    public async Task SendAnswerAsync(int questionIndex, string text, CancellationToken ct)
    {
        question = NewSignal();
        var ack = answerAcks.GetOrAdd(questionIndex, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
        await SendJsonAsync(new { type = "answer", questionIndex, text }, ct);
        await ack.Task.WaitAsync(TimeSpan.FromSeconds(30), time, ct);
    }

    /// <summary>Waits until everything sent has been acknowledged.</summary>
    /// <exception cref="TimeoutException">Not acknowledged in time.</exception>
    public Task AllAckedAsync(TimeSpan timeout, CancellationToken ct) =>
        Task.WhenAll(frames.AllAckedAsync(timeout, time, ct), audio.AllAckedAsync(timeout, time, ct));

    /// <summary>Cuts the connection without a word, as a lost network does.</summary>
    public void Cut() => socket.Abort();

    public async ValueTask DisposeAsync()
    {
        if (socket.State == WebSocketState.Open)
        {
            try
            {
                using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2), time);
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, limit.Token);
                await reading.WaitAsync(limit.Token);
            }
            catch (Exception e) when (e is WebSocketException or OperationCanceledException)
            {
                socket.Abort(); // the other side is gone already
            }
        }

        socket.Dispose();
        sending.Dispose();
    }

    private static TaskCompletionSource<JsonElement> NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private long NowMs() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private async Task SendMediaAsync(MediaStream stream, MediaKind kind, bool endOfAnswer, ReadOnlyMemory<byte> payload, CancellationToken ct)
    {
        var capturedAtMs = NowMs();
        await sending.WaitAsync(ct);
        try
        {
            var message = stream.Add(
                sequence => MediaMessage.Write(kind, endOfAnswer, (uint)sequence, capturedAtMs, payload.Span), MaxUnacked, time.GetTimestamp());
            if (socket.State == WebSocketState.Open)
            {
                await socket.SendAsync(message, WebSocketMessageType.Binary, true, ct);
            }
        }
        catch (WebSocketException)
        {
            // kept as unacknowledged: sent again after the reconnect
        }
        finally
        {
            sending.Release();
        }
    }

    private async Task SendBinaryAsync(byte[] message, CancellationToken ct)
    {
        await sending.WaitAsync(ct);
        try
        {
            await socket.SendAsync(message, WebSocketMessageType.Binary, true, ct);
        }
        finally
        {
            sending.Release();
        }
    }

    private async Task SendJsonAsync(object message, CancellationToken ct)
    {
        await sending.WaitAsync(ct);
        try
        {
            await socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(message), WebSocketMessageType.Text, true, ct);
        }
        finally
        {
            sending.Release();
        }
    }

    private async Task ReadAsync(ClientWebSocket from, CancellationToken ct)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (true)
            {
                var length = 0;
                ValueWebSocketReceiveResult part;
                do
                {
                    part = await from.ReceiveAsync(buffer.AsMemory(length), ct);
                    length += part.Count;
                }
                while (!part.EndOfMessage && length < buffer.Length);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    await from.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, ct); // else the gateway waits for it
                    hello.TrySetException(new WebSocketException($"the gateway closed the connection: {from.CloseStatusDescription ?? from.CloseStatus.ToString()}"));
                    return;
                }

                using var document = JsonDocument.Parse(buffer.AsMemory(0, length));
                Handle(document.RootElement);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            hello.TrySetException(e);
        }
    }

    private void Handle(JsonElement message)
    {
        switch (message.GetProperty("type").GetString())
        {
            case "hello":
                if (message.TryGetProperty("question", out var current) && current.ValueKind == JsonValueKind.Object)
                {
                    question.TrySetResult(current.Clone());
                }

                hello.TrySetResult(message.Clone());
                break;
            case "question":
                question.TrySetResult(message.Clone());
                break;
            case "ack":
                Acknowledge(message.GetProperty("stream").GetString(), message.GetProperty("sequence").GetInt64());
                break;
            case "error":
                Errors.Enqueue($"{message.GetProperty("code").GetString()}: {message.GetProperty("message").GetString()}");
                break;
            case "completed":
                completed.TrySetResult();
                break;
        }
    }

    private void Acknowledge(string? stream, long sequence)
    {
        if (stream == "answer")
        {
            answerAcks.GetOrAdd((int)sequence, _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
            return;
        }

        if ((stream == "frame" ? frames : audio).Acknowledge(sequence) is { } sentAt)
        {
            AckLatenciesMs.Add(time.GetElapsedTime(sentAt).TotalMilliseconds);
        }
    }
}
