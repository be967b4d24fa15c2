using System.Text.Json.Nodes;
using StreamPlatform.Cli.Demo;

namespace StreamPlatform.Tests.Unit.Cli;

/// <summary>Results of a flawless little demo interview: 40 frames sent, one of them corrupt, 3 answers, 2 of them spoken. Tests spoil one thing each.</summary>
internal sealed class DemoResults
{
    public const string Session = "session-1";

    private static readonly Uri Platform = new("http://127.0.0.1:8080");

    private static readonly DemoMaterial Material = new(
        [new("q1", [], new byte[2], "read this aloud"), new("q2", [], new byte[2], "and this"), new("q3", [], ReadOnlyMemory<byte>.Empty, "typed")], []);

    /// <summary>What the client counted.</summary>
    public DemoSent Sent { get; set; } = new(Session, 40, 40, 50, 50);

    /// <summary>What the results API answered.</summary>
    public JsonObject Stored { get; } = JsonNode.Parse($$"""
        {
          "session": {"sessionId": "{{Session}}", "status": "completed"},
          "answers": [{"questionIndex": 0}, {"questionIndex": 1}, {"questionIndex": 2}],
          "transcripts": [{{Transcript(0, "read this aloud")}}, {{Transcript(1, "and that")}}],
          "segments": [{"segmentIndex": 0}, {"segmentIndex": 1}, {"segmentIndex": 0}],
          "scores": [{{Score(0)}}, {{Score(1)}}, {{Score(2)}}],
          "windows": [{{Window(1000, 20)}}, {{Window(11000, 19)}}],
          "emotionRows": 39,
          "emotionStore": "postgres",
          "report": {"overall": 71.5, "technical": 70, "communication": 74, "emotion": 66, "behaviour": 80, "framesAnalysed": 39, "framesDeadLettered": 1}
        }
        """)!.AsObject();

    /// <summary>Records of the session by topic.</summary>
    public Dictionary<string, long> Topics { get; } = new()
    {
        ["capture.frames.v1"] = 40, ["capture.audio.v1"] = 50, ["capture.frames.v1.dlq"] = 1, ["interview.answers.v1"] = 3, ["interview.events.v1"] = 5,
        ["analysis.emotions.v1"] = 39, ["analysis.emotion-windows.v1"] = 2, ["analysis.transcripts.v1"] = 5, ["analysis.scores.v1"] = 3,
        ["interview.reports.v1"] = 1,
    };

    /// <summary>What the demo prints about it.</summary>
    public JsonObject Outcome() => new DemoOutcome(Sent, Stored, Topics, Material, Platform).ToJson();

    private static string Transcript(int question, string text) =>
        $$"""{"questionIndex": {{question}}, "engine": "pocketsphinx", "text": "{{text}}", "confidence": 0.7}""";

    private static string Score(int question) =>
        $$"""{"questionIndex": {{question}}, "technical": 60, "communication": 70, "engine": "offline-rubric", "needsHumanReview": true, "feedback": "Names no example."}""";

    private static string Window(long start, int frames) => $$"""
        {"startMs": {{start}}, "dominant": "happy", "faceRatio": 1, "blinks": 2, "framesAnalysed": {{frames}},
         "mean": {"angry": 0, "disgust": 0, "fear": 0, "happy": 0.9, "sad": 0, "surprise": 0, "neutral": 0.1}
        }
        """;
}
