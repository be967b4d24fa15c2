using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using StreamPlatform.Cli.Demo;
using StreamPlatform.Inference.Demo;
using StreamPlatform.Tests.EndToEnd.Support;
using Xunit;

namespace StreamPlatform.Tests.EndToEnd;

/// <summary>The sound of live answers, from the socket to the file that people download.</summary>
public sealed class RecordingTests(DemoFixture demo)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Each_answer_is_kept_as_a_file_where_the_candidate_agreed_and_none_where_not()
    {
        var material = await Task.Run(() => DemoMaterialLoader.Load(Repository.Assets));
        ReadOnlyMemory<byte>[] spoken = [.. material.Answers.Where(a => !a.Speech.IsEmpty).Select(a => a.Speech).Take(2)];
        Assert.Equal(2, spoken.Length);
        var silent = await HoldAsync(spoken, recording: false);
        var session = await HoldAsync(spoken, recording: true);
        var kept = await WaitForMediaAsync(session, 2);
        Assert.Equal([0, 1], kept.Select(k => (int)k["questionIndex"]!.GetValue<double>()).Order());
        foreach (var file in kept)
        {
            var speech = spoken[(int)file["questionIndex"]!.GetValue<double>()];
            Assert.Equal(("answer", "audio/wav", false), (file["kind"]!.GetValue<string>(), file["contentType"]!.GetValue<string>(), file["missing"]!.GetValue<bool>()));
            Assert.Equal(speech.Length / 32.0, file["durationMs"]!.GetValue<double>(), 1.0);
            using var response = await demo.Http.GetAsync(new Uri(demo.Pages, $"/api/sessions/{session}/media/{file["sha256"]!.GetValue<string>()}"));
            Assert.Equal("audio/wav", response.EnsureSuccessStatusCode().Content.Headers.ContentType!.MediaType);
            var wave = await response.Content.ReadAsByteArrayAsync();
            Assert.Equal(("RIFF", "WAVEfmt "), (Encoding.ASCII.GetString(wave, 0, 4), Encoding.ASCII.GetString(wave, 8, 8)));
            Assert.Equal(speech.Length, BinaryPrimitives.ReadInt32LittleEndian(wave.AsSpan(40)));
            Assert.True(speech.Span.SequenceEqual(wave.AsSpan(44)), "what is downloaded is what was said");
        }

        Assert.Empty(await MediaAsync(silent)); // its answers lay before the other's in time
    }

    private async Task<string> HoldAsync(ReadOnlyMemory<byte>[] spoken, bool recording)
    {
        var (session, token) = await Interviews.CreateAsync(demo.Http, demo.Pages, consent: false, ["read-passage-1", "read-passage-1"], recording);
        await using var client = new CaptureClient(Interviews.Capture(demo.Pages, token), Interviews.TraceParent, TimeProvider.System);
        await client.ConnectAsync(CancellationToken.None);
        await client.StartAsync(CancellationToken.None);
        await client.Question.WaitAsync(Patience);
        foreach (var speech in spoken)
        {
            await Interviews.SpeakAsync(client, speech, end: true);
            await client.AllAckedAsync(Patience, CancellationToken.None);
        }

        return session;
    }

    private async Task<List<JsonNode>> MediaAsync(string session) =>
        [.. JsonNode.Parse(await demo.Http.GetStringAsync(new Uri(demo.Pages, $"/api/sessions/{session}/media")))!.AsArray().Select(n => n!)];

    private async Task<List<JsonNode>> WaitForMediaAsync(string session, int count)
    {
        var limit = DateTime.UtcNow + Patience;
        List<JsonNode> found;
        while ((found = await MediaAsync(session)).Count < count && DateTime.UtcNow < limit)
        {
            await Task.Delay(200);
        }

        Assert.Equal(count, found.Count);
        return found;
    }
}
