using System.Text.Json.Nodes;

namespace StreamPlatform.Tests.Unit.Cli;

/// <summary>The demo exits 0 only if every part is there and all counts agree: each wrong number and each missing part alone makes it fail and is named.</summary>
public sealed class DemoOutcomeTests
{
    /// <summary>What is spoiled -> how, and the words that must name it.</summary>
    private static readonly Dictionary<string, (Action<DemoResults> Spoil, string Named)> Spoiled = new()
    {
        ["a frame not acked"] = (r => r.Sent = r.Sent with { FramesSent = 41 }, "frames acked and sent differ: 40 and 41"),
        ["a chunk not acked"] = (r => r.Sent = r.Sent with { ChunksSent = 51 }, "audio chunks acked and sent differ: 50 and 51"),
        ["a frame not analysed"] = (r => r.Stored["report"]!["framesAnalysed"] = Number(38), "frames acked and analysed + skipped under load + dead-lettered differ: 40 and 39"),
        ["the corrupt frame lost"] = (r => r.Stored["report"]!["framesDeadLettered"] = Number(0), "dead-lettered frames and corrupt frames sent differ: 0 and 1"),
        ["a row of the series lost"] = (r => r.Stored["emotionRows"] = Number(38), "rows of the emotion series and frames analysed differ: 38 and 39"),
        ["a frame twice in the windows"] = (r => r.Stored["windows"]![0]!["framesAnalysed"] = Number(21), "frames in windows and frames analysed differ: 40 and 39"),
        ["an answer not stored"] = (r => Drop(r.Stored["answers"]), "answers stored and given differ: 2 and 3"),
        ["a score not stored"] = (r => Drop(r.Stored["scores"]), "scores stored and answers given differ: 2 and 3"),
        ["a transcript not stored"] = (r => Drop(r.Stored["transcripts"]), "transcripts and spoken answers differ: 1 and 2"),
        ["a segment stored twice"] = (r => r.Stored["segments"]!.AsArray().Add(new JsonObject()), "segments + transcripts stored differ: 5 and 6"),
        ["no session stored"] = (r => r.Stored["session"] = null, "sessions stored and played differ: 0 and 1"),
        ["a session still active when patience ran out"] = (r => r.Stored["session"]!["status"] = "active", "the session's status is active, not completed"),
        ["no report stored"] = (r => r.Stored["report"] = null, "the report has no overall"),
        ["no store named"] = (r => r.Stored["emotionStore"] = "", "the emotion series does not name its store"),
        ["no windows"] = (r => r.Stored["windows"] = new JsonArray(), "there is no emotion window"),
        ["a window without a mean"] = (r => r.Stored["windows"]![1]!["mean"] = null, "an emotion window has no mean of the 7 classes"),
        ["a window of six classes"] = (r => r.Stored["windows"]![1]!["mean"]!.AsObject().Remove("fear"), "an emotion window has no mean of the 7 classes"),
        ["a window without a dominant class"] = (r => r.Stored["windows"]![0]!["dominant"] = "", "an emotion window has no dominant class"),
        ["an empty transcript"] = (r => r.Stored["transcripts"]![0]!["text"] = "", "a spoken answer has an empty transcript"),
        ["a transcript without confidence"] = (r => r.Stored["transcripts"]![0]!["confidence"] = null, "a transcript lacks its engine or its confidence"),
        ["a score without communication"] = (r => r.Stored["scores"]![2]!["communication"] = null, "a score lacks its technical or its communication part"),
        ["a score without feedback"] = (r => r.Stored["scores"]![2]!["feedback"] = "", "a score lacks its feedback or its engine"),
        ["a score that no person will look at"] = (r => r.Stored["scores"]![1]!["needsHumanReview"] = false, "an offline score is not marked for human review"),
    };

    public static TheoryData<string> Ways => [.. Spoiled.Keys];

    public static TheoryData<string> CountedTopics => [.. new DemoResults().Topics.Keys];

    [Fact]
    public void A_flawless_interview_is_ok()
    {
        var outcome = new DemoResults().Outcome();

        Assert.Empty(outcome["problems"]!.AsArray());
        Assert.True(outcome["ok"]!.GetValue<bool>());
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void One_wrong_count_or_missing_part_is_not_ok_and_is_named(string way)
    {
        var results = new DemoResults();
        Spoiled[way].Spoil(results);

        AssertNamed(results, Spoiled[way].Named);
    }

    [Theory]
    [InlineData("overall")]
    [InlineData("technical")]
    [InlineData("communication")]
    [InlineData("emotion")]
    [InlineData("behaviour")]
    public void A_part_missing_in_the_report_is_named(string part)
    {
        var results = new DemoResults();
        results.Stored["report"]![part] = null;

        AssertNamed(results, $"the report has no {part}");
    }

    [Theory]
    [MemberData(nameof(CountedTopics))]
    public void One_record_too_many_or_too_few_on_a_topic_is_named(string topic)
    {
        foreach (var by in new[] { 1, -1 })
        {
            var results = new DemoResults();
            results.Topics[topic] += by;

            AssertNamed(results, $"records on {topic} and");
        }
    }

    [Fact]
    public void An_interview_of_which_nothing_was_stored_is_not_ok_and_does_not_throw()
    {
        var results = new DemoResults();
        results.Stored.Clear();
        results.Topics.Clear();

        AssertNamed(results, "the session's status is missing, not completed");
    }

    private static void AssertNamed(DemoResults results, string named)
    {
        var outcome = results.Outcome();
        Assert.False(outcome["ok"]!.GetValue<bool>());
        Assert.Contains(outcome["problems"]!.AsArray(), p => p!.GetValue<string>().Contains(named, StringComparison.Ordinal));
    }

    private static void Drop(JsonNode? array) => array!.AsArray().RemoveAt(0);

    // As the API's answer is read, not as C# makes it.
    private static JsonNode Number(long value) => JsonNode.Parse(value.ToString())!;
}
