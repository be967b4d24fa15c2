using System.Text.Json.Nodes;
using Confluent.Kafka;
using StreamPlatform.Cli.Analyse;
using StreamPlatform.Cli.Demo;
using StreamPlatform.Inference.Demo;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Tests.EndToEnd.Support;
using Xunit;

namespace StreamPlatform.Tests.EndToEnd;

/// <summary>Recorded videos on the demo's running platform: same topics and processors as live.</summary>
[Trait("Run", "all")] // takes long: `test --all` runs it, and `test` when it is asked for by name
public sealed class AnalyseTests(DemoFixture demo)
{
    private static readonly string[] People = ["paramedic", "black-shirt"];

    [Theory]
    [InlineData("mp4")]
    [InlineData("webm")]
    public async Task A_video_of_two_real_faces_gives_their_windows_its_transcript_and_a_stored_session(string extension)
    {
        using var videos = new RecordedVideos();
        var material = await Task.Run(() => DemoMaterialLoader.Load(Repository.Assets));
        var file = await videos.FilmAsync(extension, People, 10, material.Answers[1].Speech);
        var outcome = await RunAsync(new AnalyseOptions { File = file, Consent = ["all"], Jurisdiction = "US" });

        Assert.True(outcome["ok"]!.GetValue<bool>(), outcome.ToJsonString());
        var timeline = outcome["timeline"]!.AsArray();
        Assert.Equal([0L, 10_000L], timeline.Select(w => w!["fromMs"]!.GetValue<long>()));
        foreach (var (window, person) in timeline.Zip(People))
        {
            var expected = ExpectedWindow.Of(person);
            Assert.Equal(expected.Dominant, window!["dominant"]!.GetValue<string>());
            Assert.Equal(expected.FaceRatio, window["faceRatio"]!.GetValue<double>(), 0.06);
            Assert.Equal((20, 20), ((int)window["framesAnalysed"]!.GetValue<double>(), (int)window["framesCaptured"]!.GetValue<double>()));
            Assert.All(expected.Mean, m => Assert.Equal(m.Value, window["mean"]![m.Key]!.GetValue<double>(), 0.1));
        }

        Assert.Equal(40, outcome["frames"]!["captured"]!.GetValue<long>());
        Assert.Contains("amiable", outcome["transcript"]!["text"]!.GetValue<string>(), StringComparison.OrdinalIgnoreCase);
        var session = outcome["session"]!.GetValue<string>();
        var listed = JsonNode.Parse(await demo.Http.GetStringAsync(new Uri(demo.Pages, "/api/sessions?limit=100")))!.AsArray();
        Assert.Contains(listed, s => s!["sessionId"]!.GetValue<string>() == session && s["status"]!.GetValue<string>() == "completed");
        Assert.Equal(1, new TopicCounter(demo.Kafka).Count([Topics.Audit], new HashSet<string> { session }, TimeProvider.System)[Topics.Audit][session]);
    }

    [Fact]
    public async Task A_recording_and_the_same_frames_live_give_the_same_results()
    {
        using var videos = new RecordedVideos();
        var file = await videos.FilmAsync("mp4", ["paramedic"], 8, ReadOnlyMemory<byte>.Empty);
        var outcome = await RunAsync(new AnalyseOptions { File = file, Consent = ["emotion", "face", "blink"], Jurisdiction = "US" });
        var recorded = outcome["session"]!.GetValue<string>();
        var frames = Read(Topics.Frames, recorded, FrameCaptured.Parser);
        Assert.Equal(16, frames.Count);
        Assert.All(frames, f => Assert.True(f.Recorded));

        var (live, token) = await Interviews.CreateAsync(demo.Http, demo.Pages);
        await using var client = new CaptureClient(Interviews.Capture(demo.Pages, token), Interviews.TraceParent, TimeProvider.System);
        await client.ConnectAsync(CancellationToken.None);
        await client.StartAsync(CancellationToken.None);
        await client.Question.WaitAsync(TimeSpan.FromSeconds(20));
        foreach (var frame in frames)
        {
            await client.SendFrameAsync(frame.Jpeg.Memory, CancellationToken.None);
            await Task.Delay(120);
        }

        await client.AllAckedAsync(TimeSpan.FromSeconds(20), CancellationToken.None);
        await client.SendAnswerAsync(0, "An answer.", CancellationToken.None);
        await client.SendAnswerAsync(1, "Another answer.", CancellationToken.None);
        await Interviews.WaitForResultsAsync(demo.Http, demo.Pages, live, r => r["report"] is not null, TimeSpan.FromSeconds(60));
        var expected = Read(Topics.Emotions, live, EmotionObserved.Parser);
        var actual = Read(Topics.Emotions, recorded, EmotionObserved.Parser);
        Assert.Equal(16, expected.Count);
        foreach (var (a, e) in actual.Zip(expected))
        {
            Assert.Equal((e.Sequence, e.FaceCount, e.Dominant), (a.Sequence, a.FaceCount, a.Dominant));
            Assert.Equal(e.Face.Left, a.Face.Left, 1e-4f);
            Assert.Equal(e.EyeOpenness, a.EyeOpenness, 1e-4f);
            Assert.Equal(e.Probabilities.Happy, a.Probabilities.Happy, 1e-4f);
            Assert.Equal(e.Probabilities.Neutral, a.Probabilities.Neutral, 1e-4f);
        }
    }

    [Fact]
    public async Task In_the_EU_a_recording_gives_presence_and_blinks_and_no_emotion()
    {
        using var videos = new RecordedVideos();
        var file = await videos.FilmAsync("webm", ["paramedic"], 5, ReadOnlyMemory<byte>.Empty);
        var outcome = await RunAsync(new AnalyseOptions { File = file, Consent = ["all"], Jurisdiction = "EU" });
        var window = Assert.Single(outcome["timeline"]!.AsArray())!;
        Assert.Equal("", window["dominant"]!.GetValue<string>());
        Assert.Null(window["mean"]);
        Assert.Equal(1, window["faceRatio"]!.GetValue<double>(), 0.1);
        Assert.All(Read(Topics.Emotions, outcome["session"]!.GetValue<string>(), EmotionObserved.Parser), e =>
        {
            Assert.Null(e.Probabilities);
            Assert.True(e.NoEmotion && e.EyeOpenness > 0 && e.FaceCount == 1);
        });
    }

    [Fact]
    public async Task A_recording_that_breaks_off_is_analysed_up_to_there_and_says_so()
    {
        using var videos = new RecordedVideos();
        var whole = await File.ReadAllBytesAsync(await videos.FilmAsync("webm", ["paramedic"], 12, ReadOnlyMemory<byte>.Empty));
        var cut = videos.At("cut.webm");
        await File.WriteAllBytesAsync(cut, whole[..(whole.Length * 6 / 10)]);
        var outcome = await RunAsync(new AnalyseOptions { File = cut, Consent = ["face"], Jurisdiction = "US" });
        Assert.False(outcome["ok"]!.GetValue<bool>());
        Assert.Contains("is damaged at 0:00:0", Assert.Single(outcome["problems"]!.AsArray())!.GetValue<string>());
        Assert.InRange(outcome["frames"]!["captured"]!.GetValue<long>(), 4, 20);
        Assert.Equal(outcome["frames"]!["captured"]!.GetValue<long>(), outcome["frames"]!["analysed"]!.GetValue<long>());
        Assert.Contains("time-out", outcome["report"]!["notes"]!.ToJsonString());
    }

    [Fact]
    public async Task A_file_is_kept_where_that_was_agreed_and_comes_back_as_it_was()
    {
        using var videos = new RecordedVideos();
        using var data = new DataDirectory();
        var file = await videos.FilmAsync("mp4", ["paramedic"], 4, ReadOnlyMemory<byte>.Empty);
        await using (var refused = PlatformProcess.Start("analyse", data.Path, file, "--keep", "--consent", "face", "--jurisdiction", "US", "--json"))
        {
            Assert.NotEqual(0, await refused.ExitAsync(TimeSpan.FromMinutes(2)));
            Assert.Contains("recording", refused.Errors, StringComparison.Ordinal);
        }

        var unkept = await AnalyseAsync(data, file, "--consent", "face,recording");
        var outcome = await AnalyseAsync(data, file, "--consent", "face,recording", "--keep");
        Assert.Null(unkept["media"]);

        await using var platform = PlatformProcess.Start("up", data.Path);
        var (pages, kafka, _) = await platform.ReadyAsync(TimeSpan.FromMinutes(2));
        var (session, sha256) = (outcome["session"]!.GetValue<string>(), outcome["media"]!["sha256"]!.GetValue<string>());
        Assert.Equal("[]", (await demo.Http.GetStringAsync(new Uri(pages, $"/api/sessions/{unkept["session"]!.GetValue<string>()}/media"))).Trim());
        var kept = Assert.Single(JsonNode.Parse(await demo.Http.GetStringAsync(new Uri(pages, $"/api/sessions/{session}/media")))!.AsArray())!;
        Assert.Equal(("video", "video/mp4", Path.GetFileName(file), sha256), (
            kept["kind"]!.GetValue<string>(), kept["contentType"]!.GetValue<string>(), kept["name"]!.GetValue<string>(), kept["sha256"]!.GetValue<string>()));
        var original = await File.ReadAllBytesAsync(file);
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(original)), sha256);
        Assert.Equal(original, await demo.Http.GetByteArrayAsync(new Uri(pages, $"/api/sessions/{session}/media/{sha256}")));
        Assert.Equal(4 * 365.25, (kept["deleteAfterMs"]!.GetValue<double>() - kept["createdAtMs"]!.GetValue<double>()) / 86_400_000, 0.01);
        Assert.Equal(["consent.claimed", "media.read"], Read(Topics.Audit, session, AuditEvent.Parser, kafka).Select(e => e.Action).Where(a => !a.EndsWith(".denied", StringComparison.Ordinal))); // emotion and blinks, which were not agreed to
    }

    private static async Task<JsonObject> AnalyseAsync(DataDirectory data, string file, params string[] args)
    {
        await using var process = PlatformProcess.Start("analyse", data.Path, [file, "--jurisdiction", "US", "--json", .. args]);
        Assert.True(await process.ExitAsync(TimeSpan.FromMinutes(3)) == 0, process.Errors);
        return JsonNode.Parse(process.Output)!.AsObject();
    }

    private Task<JsonObject> RunAsync(AnalyseOptions options) =>
        new AnalyseRun(demo.Pages, demo.Kafka, demo.Registry.ToString(), TimeProvider.System).RunAsync(options, new Progress<AnalyseProgress>(), CancellationToken.None);

    private List<T> Read<T>(string topic, string session, Google.Protobuf.MessageParser<T> parser, string? kafka = null) where T : Google.Protobuf.IMessage<T>
    {
        using var consumer = new ConsumerBuilder<string, byte[]>(new ConsumerConfig
        {
            BootstrapServers = kafka ?? demo.Kafka, GroupId = "test", EnableAutoCommit = false, EnablePartitionEof = true, IsolationLevel = IsolationLevel.ReadCommitted,
        }).Build();
        var open = Enumerable.Range(0, Topics.SessionPartitions).Select(p => new TopicPartition(topic, p)).ToHashSet();
        consumer.Assign(open.Select(p => new TopicPartitionOffset(p, Offset.Beginning)));
        var found = new List<T>();
        var limit = DateTime.UtcNow + TimeSpan.FromSeconds(30);
        while (open.Count > 0 && DateTime.UtcNow < limit)
        {
            var result = consumer.Consume(TimeSpan.FromMilliseconds(200));
            if (result is { IsPartitionEOF: true })
            {
                open.Remove(result.TopicPartition);
            }
            else if (result?.Message.Key == session)
            {
                found.Add(parser.ParseFrom(result.Message.Value.AsSpan(WireFormat.PrefixLength(result.Message.Value))));
            }
        }

        return found;
    }
}
