using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.State;
using StreamPlatform.Topology.Steps;
using Xunit;

namespace StreamPlatform.Tests.Unit.Topology;

public sealed class ReportStepsTests
{
    private static readonly SessionEvent Started = new() { Tenant = "t", AtMs = 1, Started = new SessionStarted { CandidateId = "c", EmotionAllowed = true } };
    private static readonly SessionEvent Completed = new() { Tenant = "t", AtMs = 9, Completed = new SessionCompleted { FramesAcked = 3, AnswersSubmitted = 2 } };

    public static TheoryData<int> Orders => new(Enumerable.Range(0, 40));

    [Theory]
    [MemberData(nameof(Orders))]
    public void The_report_is_written_once_when_the_last_part_arrives_in_whatever_order(int seed)
    {
        var inputs = new List<ReportInput>
        {
            new(Event: Started), new(Event: Completed), new(Emotion: Seen(1, 0.9f)), new(Emotion: Seen(2, 0.7f)),
            new(DeadFrame: new FrameCaptured { Sequence = 3 }), new(DeadFrame: new FrameCaptured { Sequence = 3 }),
            new(Score: Score(0, 80)), new(Score: Score(1, 60)), new(Score: Score(1, 60)), new(Event: Asked(0, AnswerKind.Spoken)), new(Event: Asked(1, AnswerKind.Typed)),
            new(Transcript: new Transcript { Completed = new TranscriptCompleted { Question = new Question { Index = 0 }, SpeechMs = 6_000, AudioMs = 10_000 } }),
        };
        var order = new Random(seed);
        var shuffled = inputs.OrderBy(_ => order.Next()).ToList();
        var events = new Queue<ReportInput>(inputs.Where(i => i.Event is not null).OrderBy(i => i.Event!.AtMs)); // one topic: always in order
        shuffled = shuffled.ConvertAll(i => i.Event is null ? i : events.Dequeue());

        ReportTotals? state = null;
        var reports = new List<InterviewReport>();
        foreach (var input in shuffled)
        {
            (state, var outputs) = ReportSteps.Add("s", state, input);
            reports.AddRange(outputs);
        }

        var written = Assert.Single(reports);
        Assert.Equal(2, written.FramesAnalysed);
        Assert.Equal(1, written.FramesDeadLettered);
        Assert.Equal(70, written.Technical);
        Assert.Equal("happy", written.DominantEmotion);
        Assert.Equal(2, written.Scores.Count);
        Assert.Equal(6_000, written.SpeechMs);
        Assert.Equal(100, written.Behaviour);
    }

    [Fact]
    public void A_completed_session_that_stays_silent_gets_a_report_that_names_what_is_missing()
    {
        ReportTotals? state = null;
        foreach (var input in new ReportInput[] { new(Event: Started), new(Event: Completed), new(Score: Score(0, 80)) })
        {
            (state, _) = ReportSteps.Add("s", state, input);
        }

        (state, var reports) = ReportSteps.Idle("s", state!);
        var report = Assert.Single(reports);
        Assert.Contains(report.Notes, n => n.Contains("3 of 3 frames"));
        Assert.Contains(report.Notes, n => n.Contains("1 of 2 answers"));
        Assert.Empty(ReportSteps.Idle("s", state).Outputs);
    }

    [Fact]
    public void A_session_in_progress_gets_no_report_however_long_it_is_silent() =>
        Assert.Empty(ReportSteps.Idle("s", ReportSteps.Add("s", null, new ReportInput(Event: Started)).State).Outputs);

    [Fact]
    public void Without_emotion_its_weight_goes_to_the_other_parts() =>
        Assert.Equal(70, ReportFormulas.Overall(70, 70, null, null), 0.001);

    private static SessionEvent Asked(int index, AnswerKind kind) =>
        new() { Tenant = "t", AtMs = 2 + index, QuestionAsked = new QuestionAsked { Question = new Question { Index = index, Kind = kind } } };

    private static EmotionObserved Seen(long sequence, float happy) =>
        new() { Sequence = sequence, Probabilities = new EmotionProbabilities { Happy = happy, Neutral = 1 - happy } };

    private static AnswerScored Score(int question, float technical) => new() { QuestionIndex = question, Technical = technical, NeedsHumanReview = true };
}
