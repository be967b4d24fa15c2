using System.Net.Http.Json;
using System.Text.Json;
using StreamPlatform.Cli.Demo;

namespace StreamPlatform.Tests.Benchmarks.Interviews;

/// <summary>One simulated interview of a stated length over the gateway's WebSocket at the product's rates: two frames a second; a typed answer in the first third, then a spoken one to the end.</summary>
internal sealed class LoadInterview(Uri platform, HttpClient http, LoadMaterial material, int number)
{
    private const int ChunkBytes = 16_000; // 0.5 s of PCM16 mono 16 kHz
    private const int DamagedFrame = 9; // goes to the dead letters, so that they are part of the count
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);
    private readonly TimeProvider time = TimeProvider.System;

    public CaptureClient? Client { get; private set; }

    /// <summary>When the last frame was sent, Unix milliseconds.</summary>
    public long FilmedUntilMs { get; private set; }

    /// <exception cref="Exception">The gateway refused, or did not answer in time.</exception>
    public async Task PlayAsync(TimeSpan length)
    {
        var address = new UriBuilder(platform) { Scheme = "ws", Path = "/ws/capture", Query = "token=" + Uri.EscapeDataString(await CreateAsync()) }.Uri;
        await using var client = Client = new CaptureClient(address, $"00-{Guid.NewGuid():N}-{Guid.NewGuid().ToString("N")[..16]}-01", time);
        await client.ConnectAsync(CancellationToken.None);
        await client.StartAsync(CancellationToken.None);
        await client.Question.WaitAsync(TimeSpan.FromSeconds(30));
        var started = time.GetTimestamp();
        using var filming = new CancellationTokenSource();
        var camera = FilmAsync(client, filming.Token);
        await Task.Delay(length / 3, time);
        await client.SendAnswerAsync(0, material.TypedAnswer, CancellationToken.None);
        using (var timer = new PeriodicTimer(Tick, time))
        {
            for (var chunk = 0; time.GetElapsedTime(started) < length - Tick; chunk++)
            {
                await timer.WaitForNextTickAsync();
                await client.SendAudioAsync(material.Speech(chunk, ChunkBytes), false, CancellationToken.None);
            }
        }

        await filming.CancelAsync(); // the end of the last answer ends the interview, and frames are refused from then on
        await camera;
        FilmedUntilMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        await client.SendAudioAsync(material.Speech(0, ChunkBytes), true, CancellationToken.None);
        await client.AllAckedAsync(TimeSpan.FromSeconds(60), CancellationToken.None);
    }

    private async Task<string> CreateAsync()
    {
        using var answer = await http.PostAsJsonAsync(new Uri(platform, "/api/sessions"), new
        {
            candidateName = $"Load {number}", position = "Stream processing engineer", jurisdiction = "US",
            consents = new { videoEmotion = true, facePresence = true, blink = true, audioTranscription = true },
            questionIds = new[] { material.TypedQuestion, material.SpokenQuestion },
        });
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString()!;
    }

    private async Task FilmAsync(CaptureClient client, CancellationToken ct)
    {
        using var timer = new PeriodicTimer(Tick, time);
        try
        {
            for (var frame = 1; ; frame++)
            {
                await client.SendFrameAsync(frame == DamagedFrame ? material.Damaged : material.Frame(number, frame), CancellationToken.None);
                await timer.WaitForNextTickAsync(ct);
            }
        }
        catch (OperationCanceledException)
        {
            // the interview is over
        }
    }
}
