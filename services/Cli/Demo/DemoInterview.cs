using System.Text.Json;

namespace StreamPlatform.Cli.Demo;

/// <summary>Plays one interview through the gateway's WebSocket, in real time, as a browser would.</summary>
public sealed class DemoInterview(Uri platform, HttpClient http, DemoMaterial material, TimeProvider time, string candidate)
{
    /// <summary>Time between two frames: 2 per second.</summary>
    public static readonly TimeSpan FrameInterval = TimeSpan.FromMilliseconds(500);

    private const int AudioChunkBytes = 16_000; // 0.5 s of PCM16 mono 16 kHz
    private const int CorruptFrameNumber = 9;
    private static readonly TimeSpan TypingTime = TimeSpan.FromSeconds(10);

    /// <summary>Id of the session; empty before it exists.</summary>
    public string SessionId { get; private set; } = "";

    /// <summary>The connection; null before it exists.</summary>
    public CaptureClient? Client { get; private set; }

    /// <summary>Question in progress, from 0; -1 before the start.</summary>
    public int QuestionIndex { get; private set; } = -1;

    /// <summary>What was sent and acknowledged so far.</summary>
    public DemoSent Sent => new(SessionId, Client?.Frames.Sent ?? 0, Client?.Frames.Acked ?? 0, Client?.Audio.Sent ?? 0, Client?.Audio.Acked ?? 0);

    /// <summary>Page on which this interview can be watched; null before the session exists.</summary>
    public Uri? LivePage => SessionId.Length > 0 ? DemoOutcome.LivePage(platform, SessionId) : null;

    /// <summary>When the last frame was sent, by the monotonic clock.</summary>
    public long FinishedAt { get; private set; }

    /// <summary>Creates the session, answers every question and waits until everything is acknowledged.</summary>
    /// <exception cref="DemoFailedException">Names what the platform did not do.</exception>
    public async Task PlayAsync(CancellationToken ct)
    {
        var token = await CreateAsync(ct);
        var address = new UriBuilder(platform) { Scheme = "ws", Path = "/ws/capture", Query = "token=" + Uri.EscapeDataString(token) }.Uri;
        var trace = $"00-{Guid.NewGuid():N}-{Guid.NewGuid().ToString("N")[..16]}-01";
        await using var client = Client = new CaptureClient(address, trace, time);
        await client.ConnectAsync(ct);
        await client.StartAsync(ct);

        using var recording = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await client.Question.WaitAsync(TimeSpan.FromSeconds(15), time, ct);
        QuestionIndex = 0;
        var camera = FilmAsync(client, recording.Token);
        try
        {
            for (var i = 0; i < material.Answers.Count; i++)
            {
                var question = await client.Question.WaitAsync(TimeSpan.FromSeconds(15), time, ct);
                QuestionIndex = question.GetProperty("index").GetInt32();
                var last = QuestionIndex == material.Answers.Count - 1;
                await AnswerAsync(client, material.Answers[QuestionIndex], last ? StopCameraAsync : () => Task.CompletedTask, ct);
            }
        }
        finally
        {
            await StopCameraAsync();
        }

        await client.AllAckedAsync(TimeSpan.FromSeconds(60), ct);
        await client.Completed.WaitAsync(TimeSpan.FromSeconds(30), time, ct);
        if (client.Errors.TryPeek(out var error))
        {
            throw new DemoFailedException($"the gateway refused something: {error}");
        }

        // The camera stops before the last answer is handed in, since that ends the interview.
        async Task StopCameraAsync()
        {
            await recording.CancelAsync();
            await camera;
            FinishedAt = time.GetTimestamp();
        }
    }

    private async Task<string> CreateAsync(CancellationToken ct)
    {
        var body = JsonSerializer.Serialize(new
        {
            candidateName = candidate,
            position = "Stream processing engineer",
            jurisdiction = "US",
            consents = new { videoEmotion = true, facePresence = true, blink = true, audioTranscription = true },
            questionIds = material.Answers.Select(a => a.QuestionId),
        });
        using var response = await http.PostAsync(new Uri(platform, "/api/sessions"), new StringContent(body, null, "application/json"), ct);
        var text = await response.Content.ReadAsStringAsync(ct);
        if (!response.IsSuccessStatusCode)
        {
            throw new DemoFailedException($"the gateway did not create a session: {(int)response.StatusCode} {text}");
        }

        using var json = JsonDocument.Parse(text);
        SessionId = json.RootElement.GetProperty("sessionId").GetString()!;
        return json.RootElement.GetProperty("token").GetString()!;
    }

    private async Task FilmAsync(CaptureClient client, CancellationToken ct)
    {
        using var timer = new PeriodicTimer(FrameInterval, time);
        var (question, shown) = (-1, 0);
        try
        {
            for (var number = 1; ; number++)
            {
                if (QuestionIndex != question)
                {
                    (question, shown) = (QuestionIndex, 0);
                }

                var frames = material.Answers[question].Frames;
                var jpeg = number == CorruptFrameNumber ? material.CorruptFrame : frames[shown++ % frames.Count];
                await client.SendFrameAsync(jpeg, CancellationToken.None);
                await timer.WaitForNextTickAsync(ct);
            }
        }
        catch (OperationCanceledException)
        {
            // the interview is over
        }
    }

    private async Task AnswerAsync(CaptureClient client, DemoAnswer answer, Func<Task> beforeTheEnd, CancellationToken ct)
    {
        if (answer.Speech.IsEmpty)
        {
            await Task.Delay(TypingTime, time, ct);
            await beforeTheEnd();
            await client.SendAnswerAsync(QuestionIndex, answer.Text, ct);
            return;
        }

        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(500), time);
        for (var at = 0; at < answer.Speech.Length; at += AudioChunkBytes)
        {
            var chunk = answer.Speech.Slice(at, Math.Min(AudioChunkBytes, answer.Speech.Length - at));
            var last = at + AudioChunkBytes >= answer.Speech.Length;
            await timer.WaitForNextTickAsync(ct);
            if (last)
            {
                await beforeTheEnd();
            }

            await client.SendAudioAsync(chunk, last, ct);
        }
    }
}

/// <summary>The demo did not get what it expects; the message names what.</summary>
public sealed class DemoFailedException(string message) : Exception(message);
