using System.Text.Json.Nodes;
using StreamPlatform.Cli.Demo;
using StreamPlatform.Inference.Demo;
using StreamPlatform.Tests.EndToEnd.Support;
using Xunit;

namespace StreamPlatform.Tests.EndToEnd;

public sealed class DemoTests(DemoFixture demo)
{
    [Fact]
    public void Every_part_is_there_and_all_counts_agree()
    {
        var outcome = demo.Outcome;
        Assert.True(outcome["ok"]!.GetValue<bool>(), outcome["problems"]!.ToJsonString());
        var frames = outcome["frames"]!;
        Assert.True(Long(frames["sent"]) >= 60, "at least 30 s at 2 frames per second");
        Assert.Equal(Long(frames["sent"]), Long(frames["acked"]));
        Assert.Equal(1, Long(frames["deadLettered"]));
        Assert.Equal(Long(frames["acked"]), Long(frames["analysed"]) + 1);
        Assert.Equal(Long(frames["analysed"]), Long(outcome["stored"]!["emotionSeries"]!["rows"]));
        Assert.Equal(Long(outcome["audio"]!["chunks"]), Long(outcome["audio"]!["acked"]));
        Assert.Equal("""{"sessions":1,"answers":3,"scores":3,"reports":1}""", outcome["stored"]!["postgres"]!.ToJsonString());
        Assert.Equal("postgres", outcome["stored"]!["emotionSeries"]!["store"]!.GetValue<string>());
    }

    [Fact]
    public void The_command_exits_0_and_prints_one_JSON_object_and_nothing_else_on_stdout()
    {
        Assert.True(demo.ExitCode == 0, demo.Errors);
        Assert.Single(demo.Printed.TrimEnd('\n').Split('\n'));
        const string shape = """
            {
             ok: bool,
             session: text,
             frames: {sent: number, acked: number, analysed: number, deadLettered: number},
             audio: {chunks: number, acked: number},
             emotion: {windows: [{start: number, dominant: text, faceRatio: number, mean:
              {angry: number, disgust: number, fear: number, happy: number, sad: number, surprise: number, neutral: number}, blinks: number, frames: number}]},
             transcripts: [{question: number, engine: text, text: text, confidence: number, wordErrorRate: number}],
             scores: [{question: number, technical: number, communication: number, engine: text, needsHumanReview: bool, feedback: text}],
             report: {overall: number, technical: number, communication: number, emotion: number, behaviour: number, url: text, page: text},
             stored: {postgres: {sessions: number, answers: number, scores: number, reports: number}, emotionSeries: {store: text, rows: number}},
             topics: {ai.costs.v1: number, analysis.emotion-windows.v1: number, analysis.emotions.v1: number, analysis.scores.v1: number, analysis.transcripts.v1: number,
              capture.audio.v1: number, capture.frames.v1: number, capture.frames.v1.dlq: number, interview.answers.v1: number, interview.events.v1: number,
              interview.reports.v1: number, interview.sessions.v1: number, notifications.v1: number, platform.audit.v1: number, platform.cache-invalidations.v1: number, platform.signals.v1: number, resume.requests.v1: number,
              resume.results.v1: number},
             problems: []
            }
            """;
        Assert.Equal(WithoutSpace(shape), WithoutSpace(JsonShape.Of(demo.Outcome)));

        static string WithoutSpace(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c)));
    }

    [Fact]
    public async Task The_reports_address_is_the_live_page_of_the_session()
    {
        var url = new Uri(demo.Outcome["report"]!["url"]!.GetValue<string>());
        Assert.Equal("/live/" + demo.SessionId, url.AbsolutePath);
        Assert.Contains("live page: " + url, demo.Errors);
        Assert.True((await demo.Http.GetAsync(new Uri(demo.Pages, url.AbsolutePath))).IsSuccessStatusCode);
    }

    [Fact]
    public void Spoken_answers_are_transcribed_with_about_a_third_of_the_words_wrong()
    {
        var transcripts = demo.Outcome["transcripts"]!.AsArray();
        Assert.Equal(2, transcripts.Count);
        Assert.All(transcripts, t =>
        {
            Assert.Equal("pocketsphinx", t!["engine"]!.GetValue<string>());
            Assert.InRange(t["wordErrorRate"]!.GetValue<double>(), 0, 0.6);
            Assert.InRange(t["confidence"]!.GetValue<double>(), 0, 1);
        });
        Assert.InRange(transcripts.Average(t => t!["wordErrorRate"]!.GetValue<double>()), 0, 0.5);
    }

    [Fact]
    public void Every_answer_is_scored_offline_and_waits_for_a_person()
    {
        var scores = demo.Outcome["scores"]!.AsArray();
        Assert.Equal([0, 1, 2], scores.Select(s => (int)Long(s!["question"])).Order());
        Assert.All(scores, s =>
        {
            Assert.Equal("offline-rubric", s!["engine"]!.GetValue<string>());
            Assert.True(s["needsHumanReview"]!.GetValue<bool>());
            Assert.NotEmpty(s["feedback"]!.GetValue<string>());
            Assert.InRange(s["technical"]!.GetValue<double>(), 0, 100);
            Assert.InRange(s["communication"]!.GetValue<double>(), 0, 100);
        });
    }

    [Fact]
    public void Windows_show_the_emotions_of_the_people_on_camera()
    {
        var windows = demo.Outcome["emotion"]!["windows"]!.AsArray();
        Assert.True(windows.Count >= 3);
        Assert.All(windows, w =>
        {
            Assert.Equal(0, Long(w!["start"]) % 10_000);
            Assert.InRange(w["faceRatio"]!.GetValue<double>(), 0.8, 1);
            Assert.Equal(1, w["mean"]!.AsObject().Sum(p => p.Value!.GetValue<double>()), 0.01);
        });
    }

    [Fact]
    public async Task The_platform_says_that_it_is_healthy_and_ready()
    {
        Assert.True((await demo.Http.GetAsync(new Uri(demo.Pages, "/healthz"))).IsSuccessStatusCode);
        Assert.True((await demo.Http.GetAsync(new Uri(demo.Pages, "/readyz"))).IsSuccessStatusCode);
        var metrics = await demo.Http.GetStringAsync(new Uri(demo.Pages, "/metrics"));
        Assert.Contains("# TYPE", metrics);
        Assert.Contains("streams_", metrics);
    }

    [Fact]
    public async Task The_list_of_sessions_shows_the_demo()
    {
        var sessions = JsonNode.Parse(await demo.Http.GetStringAsync(new Uri(demo.Pages, "/api/sessions?limit=50")))!;
        var list = sessions as JsonArray ?? sessions["sessions"]!.AsArray();
        Assert.Contains(list, s => s!["sessionId"]!.GetValue<string>() == demo.SessionId);
    }

    private static long Long(JsonNode? node) => (long)node!.GetValue<double>();
}
