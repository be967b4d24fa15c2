using System.Text.Json;
using System.Text.Json.Nodes;
using StreamPlatform.Cli.Demo;

namespace StreamPlatform.Tests.EndToEnd.Support;

/// <summary>Small interviews of two typed questions, driven by the tests.</summary>
public static class Interviews
{
    public const string TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    /// <summary>Two typed questions of the bank.</summary>
    public static readonly string[] TypedQuestions = ["exactly-once-consumer", "exactly-once-consumer"];

    public static async Task<(string SessionId, string Token)> CreateAsync(HttpClient http, Uri pages, bool consent = true, string[]? questions = null, bool recording = false)
    {
        var body = JsonSerializer.Serialize(new
        {
            candidateName = "Test Candidate",
            position = "Engineer",
            jurisdiction = "US",
            consents = new { videoEmotion = consent, facePresence = consent, blink = consent, audioTranscription = true, recording },
            questionIds = questions ?? TypedQuestions,
        });
        using var response = await http.PostAsync(new Uri(pages, "/api/sessions"), new StringContent(body, null, "application/json"));
        var text = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"no session: {(int)response.StatusCode} {text}");
        }

        var json = JsonNode.Parse(text)!;
        return (json["sessionId"]!.GetValue<string>(), json["token"]!.GetValue<string>());
    }

    public static Uri Capture(Uri pages, string token) => new UriBuilder(pages) { Scheme = "ws", Path = "/ws/capture", Query = "token=" + Uri.EscapeDataString(token) }.Uri;

    public static async Task SendFramesAsync(CaptureClient client, DemoMaterial material, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await client.SendFrameAsync(material.Answers[0].Frames[i % material.Answers[0].Frames.Count], CancellationToken.None);
            await Task.Delay(120); // below the gateway's limit of 10 frames per second
        }
    }

    /// <summary>Streams speech faster than it is spoken, below the gateway's limit of messages.</summary>
    public static async Task SpeakAsync(CaptureClient client, ReadOnlyMemory<byte> pcm16, bool end)
    {
        const int chunk = 16_000;
        for (var at = 0; at < pcm16.Length; at += chunk)
        {
            var piece = pcm16.Slice(at, Math.Min(chunk, pcm16.Length - at));
            await client.SendAudioAsync(piece, end && at + chunk >= pcm16.Length, CancellationToken.None);
            await Task.Delay(60);
        }
    }

    /// <summary>Polls the results until they are as wished.</summary>
    public static async Task<JsonObject> WaitForResultsAsync(HttpClient http, Uri pages, string session, Func<JsonObject, bool> until, TimeSpan timeout)
    {
        var limit = DateTime.UtcNow + timeout;
        var last = "nothing";
        while (DateTime.UtcNow < limit)
        {
            using var response = await http.GetAsync(new Uri(pages, $"/api/sessions/{session}/results"));
            last = await response.Content.ReadAsStringAsync();
            if (response.IsSuccessStatusCode && JsonNode.Parse(last) is JsonObject results && until(results))
            {
                return results;
            }

            await Task.Delay(200);
        }

        throw new TimeoutException($"the results of {session} were not as expected within {timeout.TotalSeconds:0} s; last: {last}");
    }
}
