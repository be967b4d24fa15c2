using System.Text.Json.Nodes;
using StreamPlatform.Cli.Demo;
using StreamPlatform.Schemas;
using StreamPlatform.Tests.EndToEnd.Support;
using StreamPlatform.Topology.Speech;
using Xunit;

namespace StreamPlatform.Tests.EndToEnd;

/// <summary>The platform stopped, killed and started again on the same data.</summary>
public sealed class RestartTests
{
    private static readonly TimeSpan Start = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_second_start_shows_the_earlier_interviews_and_Ctrl_C_stops_cleanly()
    {
        using var data = new DataDirectory();
        using var http = new HttpClient();
        var material = await Task.Run(() => DemoMaterialLoader.Load(Repository.Assets));
        string session;
        await using (var first = PlatformProcess.Start("up", data.Path))
        {
            var (pages, _, _) = await first.ReadyAsync(Start);
            (session, var token) = await Interviews.CreateAsync(http, pages);
            await using var client = new CaptureClient(Interviews.Capture(pages, token), Interviews.TraceParent, TimeProvider.System);
            await client.ConnectAsync(CancellationToken.None);
            await client.StartAsync(CancellationToken.None);
            await client.Question.WaitAsync(TimeSpan.FromSeconds(20));
            await Interviews.SendFramesAsync(client, material, 5);
            await Interviews.WaitForResultsAsync(http, pages, session, r => r["session"] is JsonObject, TimeSpan.FromSeconds(30));
            first.Interrupt(); // in the middle of an interview
            Assert.Equal(0, await first.ExitAsync(TimeSpan.FromSeconds(90)));
        }

        await using var second = PlatformProcess.Start("up", data.Path);
        var (again, _, _) = await second.ReadyAsync(TimeSpan.FromSeconds(15)); // the promise for a second start
        await Interviews.WaitForResultsAsync(http, again, session, r => r["session"] is JsonObject, TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Killed_in_mid_interview_nothing_acked_is_gone_and_nothing_is_counted_twice()
    {
        using var data = new DataDirectory();
        using var http = new HttpClient();
        var material = await Task.Run(() => DemoMaterialLoader.Load(Repository.Assets));
        var speech = material.Answers[1].Speech;
        var half = speech.Length / 64 * 32;
        CaptureClient client;
        string session, token;
        await using (var first = PlatformProcess.Start("up", data.Path))
        {
            var (pages, _, _) = await first.ReadyAsync(Start);
            (session, token) = await Interviews.CreateAsync(http, pages, questions: ["exactly-once-consumer", "read-passage-2"]);
            client = new CaptureClient(Interviews.Capture(pages, token), Interviews.TraceParent, TimeProvider.System);
            await client.ConnectAsync(CancellationToken.None);
            await client.StartAsync(CancellationToken.None);
            await client.Question.WaitAsync(TimeSpan.FromSeconds(20));
            await Interviews.SendFramesAsync(client, material, 12);
            await client.SendAnswerAsync(0, "Offsets are committed in the same transaction as the outputs.", CancellationToken.None);
            await client.Question.WaitAsync(TimeSpan.FromSeconds(20));
            await Interviews.SpeakAsync(client, speech[..half], end: false);
            await Interviews.SendFramesAsync(client, material, 8);
            await first.KillAsync(); // in the middle of a spoken answer
        }

        var ackedChunks = client.Audio.Acked;
        Assert.True(ackedChunks > 0);
        var acked = client.Frames.Acked;
        Assert.True(acked > 0);
        await using var second = PlatformProcess.Start("up", data.Path);
        var (again, kafka, _) = await second.ReadyAsync(TimeSpan.FromSeconds(60));
        await using var resumed = client;
        resumed.Address = Interviews.Capture(again, token);
        await resumed.ConnectAsync(CancellationToken.None);
        await Interviews.SendFramesAsync(resumed, material, 10);
        await resumed.AllAckedAsync(TimeSpan.FromSeconds(30), CancellationToken.None);
        await Interviews.SpeakAsync(resumed, speech[half..], end: true);
        await resumed.AllAckedAsync(TimeSpan.FromSeconds(30), CancellationToken.None);
        await resumed.Completed.WaitAsync(TimeSpan.FromSeconds(30));

        var results = await Interviews.WaitForResultsAsync(
            http, again, session, r => r["report"] is JsonObject && r["scores"]!.AsArray().Count == 2 && FramesInWindows(r) >= 30, TimeSpan.FromMinutes(2));
        Assert.Equal(30, client.Frames.Acked);
        Assert.Equal(30, (long)results["report"]!["framesAnalysed"]!.GetValue<double>());
        Assert.Equal(30, (long)results["emotionRows"]!.GetValue<double>());
        Assert.Equal(2, results["answers"]!.AsArray().Count);
        var transcript = Assert.Single(results["transcripts"]!.AsArray())!;
        Assert.Equal(speech.Length / 32, (long)transcript["audioMs"]!.GetValue<double>());
        Assert.InRange(WordErrorRate.Between(material.Answers[1].Text, transcript["text"]!.GetValue<string>()), 0, 0.5);
        Assert.Equal(30, FramesInWindows(results));

        // Idempotent writes would hide a second record in the stores: the topics themselves hold each result once, under the client's own trace.
        var records = await Task.Run(() => SessionRecords.TraceIds(
            kafka, session, Topics.Answers, Topics.Emotions, Topics.EmotionWindows, Topics.Transcripts, Topics.Scores, Topics.Reports));
        Assert.Equal(2, records[Topics.Answers].Count);
        Assert.Equal(30, records[Topics.Emotions].Count);
        Assert.Equal(results["windows"]!.AsArray().Count, records[Topics.EmotionWindows].Count);
        Assert.Equal(results["segments"]!.AsArray().Count + 1, records[Topics.Transcripts].Count);
        Assert.Equal(2, records[Topics.Scores].Count);
        Assert.Single(records[Topics.Reports]);
        Assert.All(records, topic => Assert.All(topic.Value, trace => Assert.Equal(Interviews.TraceParent.Split('-')[1], trace)));
    }

    private static long FramesInWindows(JsonObject results) => results["windows"]!.AsArray().Sum(w => (long)w!["framesAnalysed"]!.GetValue<double>());
}
