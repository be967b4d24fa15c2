using Google.Protobuf;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Streams;
using StreamPlatform.Topology;
using StreamPlatform.Topology.State;
using StreamPlatform.Topology.Steps;
using Xunit;

namespace StreamPlatform.Tests.Unit.Topology;

/// <summary>When a report is written and rewritten: the report's topology on the in-memory driver, with virtual time.</summary>
public sealed class ReportStepsTests : IDisposable
{
    private const string Session = "session-1";
    private static readonly PlainSerdes Events = new();

    private readonly TopologyTestDriver _driver = new(InterviewTopology.BuildReports(Events, new ReportOptions()));
    private readonly long _start;

    public ReportStepsTests() => _start = _driver.NowMs;

    public void Dispose() => _driver.Dispose();

    public static TheoryData<int> Orders => new(Enumerable.Range(0, 40));

    [Theory]
    [MemberData(nameof(Orders))]
    public void The_report_is_written_once_when_the_last_part_arrives_in_whatever_order(int seed)
    {
        Action[] ordered = [Started, () => Asked(0, AnswerKind.Spoken), () => Asked(1, AnswerKind.Typed), () => Completed(frames: 3, answers: 2)]; // one topic: always in order
        Action[] others =
        [
            () => Seen(1, 0.9f), () => Seen(2, 0.7f), () => Dead(3), () => Dead(3), () => Score(0, 80), () => Score(1, 60), () => Score(1, 60),
            () => Heard(0, "", confidence: 1),
        ];
        var events = new Queue<Action>(ordered);
        var order = new Random(seed);
        foreach (var step in ordered.Concat(others).OrderBy(_ => order.Next()).ToList())
        {
            (ordered.Contains(step) ? events.Dequeue() : step)();
        }

        var written = Assert.Single(Read());
        Assert.Equal((1, "complete", false), (written.Revision, written.RevisionReason, written.Partial));
        Assert.Equal((2, 1), (written.FramesAnalysed, written.FramesDeadLettered));
        Assert.Equal(70, written.Technical);
        Assert.Equal("happy", written.DominantEmotion);
        Assert.Equal(2, written.Scores.Count);
        Assert.Equal(6_000, written.SpeechMs);
        Assert.Equal(100, written.Behaviour);
        Assert.Equal([0, 1], written.Questions.Select(q => q.Index));
    }

    [Fact]
    public void A_completed_session_that_stays_silent_gets_a_report_that_names_what_is_missing_and_another_when_it_has_arrived()
    {
        Started();
        Completed(frames: 3, answers: 2);
        Score(0, 80);
        Assert.Empty(Read());
        _driver.Advance(TimeSpan.FromMinutes(3));
        var partial = Assert.Single(Read());
        Assert.True(partial.Partial);
        Assert.Contains(partial.Notes, n => n.Contains("3 of 3 frames"));
        Assert.Contains(partial.Notes, n => n.Contains("1 of 2 answers"));

        _driver.Advance(TimeSpan.FromMinutes(10)); // says nothing twice
        Assert.Empty(Read());

        Seen(1, 1);
        Seen(2, 1);
        _driver.Advance(TimeSpan.FromMinutes(3)); // more, but not all
        var more = Assert.Single(Read());
        Assert.Equal((2, true, 2), (more.Revision, more.Partial, more.FramesAnalysed));

        Seen(3, 1);
        Score(1, 60);
        var complete = Assert.Single(Read());
        Assert.Equal((3, false, "the missing parts arrived"), (complete.Revision, complete.Partial, complete.RevisionReason));
        Assert.Empty(complete.Notes);
    }

    [Fact]
    public void A_session_in_progress_gets_no_report_however_long_it_is_silent()
    {
        Started();
        _driver.Advance(TimeSpan.FromHours(1));
        Assert.Empty(Read());
    }

    [Fact]
    public void A_score_that_changes_after_the_report_writes_its_next_revision_and_the_same_score_again_does_not()
    {
        WriteReport();
        _driver.Advance(TimeSpan.FromDays(3));
        Score(0, 80);
        Assert.Empty(Read());
        Score(0, 95);
        var revised = Assert.Single(Read());
        Assert.Equal((2, "a new score of question 1", 95f, 2), (revised.Revision, revised.RevisionReason, revised.Technical, revised.FramesAnalysed));
    }

    [Fact]
    public void A_persons_decision_outranks_what_an_engine_says_of_the_same_text_and_ends_the_review()
    {
        WriteReport();
        var decided = new AnswerScored
        {
            QuestionIndex = 0, Technical = 55, Engine = "human", Revision = 1, Override = new ScoreOverride { Reviewer = "user-7", Reason = "right, but brief", PreviousTechnical = 80 },
        };
        Pipe(Topics.Scores, decided);
        var report = Assert.Single(Read());
        Assert.Equal((2, 55f, 1, false), (report.Revision, report.Technical, report.AnswersScoredByPerson, report.NeedsHumanReview));
        Assert.Equal("user-7", report.Scores.Single().Override.Reviewer);
        Score(0, 90); // revision 0, late
        Assert.Empty(Read());
    }

    [Fact]
    public void What_evaluations_cost_adds_up_also_over_those_that_were_replaced()
    {
        WriteReport();
        Pipe(Topics.Scores, new AnswerScored { QuestionIndex = 0, Technical = 60, CostUsd = 0.01, Revision = 1 });
        Pipe(Topics.Scores, new AnswerScored { QuestionIndex = 0, Technical = 70, CostUsd = 0.02, Revision = 1000 }); // a corrected transcript
        Pipe(Topics.Scores, new AnswerScored { QuestionIndex = 0, Technical = 75, CostUsd = 0.02, Revision = 1001, Override = new ScoreOverride { Reviewer = "u" } });
        var report = Read()[^1];
        Assert.Equal((0.03, 2), (Math.Round(report.CostUsd, 6), report.Costs.Single().Calls));
    }

    [Fact]
    public void Frames_skipped_under_load_are_waited_for_counted_and_noted()
    {
        Started();
        Completed(frames: 3, answers: 0);
        Seen(1, 1);
        Pipe(Topics.Emotions, new EmotionObserved { Sequence = 2, Skipped = true });
        Assert.Empty(Read());
        Pipe(Topics.Emotions, new EmotionObserved { Sequence = 3, Skipped = true });
        var report = Assert.Single(Read());
        Assert.Equal((1, 2), (report.FramesAnalysed, report.FramesSkipped));
        Assert.Equal("2 of 3 frames were skipped under load", Assert.Single(report.Integrity, n => n.Kind == "sampled").Text);
    }

    [Fact]
    public void A_restart_loses_nothing_that_a_revision_needs()
    {
        WriteReport();
        _driver.Restart();
        Score(0, 40);
        var revised = Assert.Single(Read());
        Assert.Equal((2, 40f, 2, "c-1"), (revised.Revision, revised.Technical, revised.FramesAnalysed, revised.CandidateId));
    }

    [Fact]
    public void A_session_is_forgotten_a_week_after_its_latest_event()
    {
        WriteReport();
        _driver.Advance(TimeSpan.FromDays(6));
        Assert.NotNull(Head());
        _driver.Advance(TimeSpan.FromDays(1.1));
        Assert.Null(Head());
        Assert.Null(_driver.State("sessions", Session, new StateSerde<ReportTotals>(), "f"));
        Assert.Empty(Read());
    }

    [Fact]
    public void A_frame_changes_a_small_entry_and_not_the_one_with_the_scores()
    {
        Started();
        Score(0, 80);
        var before = Head()!;
        Seen(1, 1);
        Assert.Equal(before, Head());
        Assert.InRange(_driver.State("sessions", Session, new StateSerde<ReportTotals>(), "f")!.CalculateSize(), 1, 200);
    }

    [Fact]
    public void State_of_before_the_frames_had_an_entry_of_their_own_is_read()
    {
        var track = ReportFaces.Add(new FaceTrack { Totals = new WindowTotals { Frames = 7, FramesWithFace = 7, Sum = new EmotionProbabilities { Happy = 7 } } }, new EmotionObserved(), new ReportOptions());
        Assert.Equal(8, track.Totals.Frames);
    }

    private void WriteReport()
    {
        Started();
        Asked(0, AnswerKind.Typed);
        Seen(1, 1);
        Seen(2, 1);
        Score(0, 80);
        Completed(frames: 2, answers: 1);
        Assert.Equal(1, Assert.Single(Read()).Revision);
    }

    private void Started() => Event(0, new SessionEvent { Started = new SessionStarted { CandidateId = "c-1", EmotionAllowed = true } });

    private void Asked(int index, AnswerKind kind) =>
        Event(1_000 * (index + 1), new SessionEvent { QuestionAsked = new QuestionAsked { Question = new Question { Index = index, Kind = kind, Text = "why" } } });

    private void Completed(int frames, int answers) =>
        Event(20_000, new SessionEvent { Completed = new SessionCompleted { FramesAcked = frames, AnswersSubmitted = answers } });

    private void Event(long afterMs, SessionEvent e)
    {
        (e.Tenant, e.AtMs) = ("t", _start + afterMs);
        Pipe(Topics.Events, e);
    }

    private void Seen(long sequence, float happy) => Pipe(Topics.Emotions, new EmotionObserved
    {
        Sequence = sequence, CapturedAtMs = _start + (500 * sequence), FaceCount = 1, Probabilities = new EmotionProbabilities { Happy = happy, Neutral = 1 - happy },
    });

    private void Dead(long sequence) => Pipe(Topics.DeadLetter(Topics.Frames), new FrameCaptured { Sequence = sequence });

    private void Score(int question, float technical) =>
        Pipe(Topics.Scores, new AnswerScored { QuestionIndex = question, Technical = technical, Engine = "offline-rubric", NeedsHumanReview = true });

    private void Heard(int question, string text, float confidence) => Pipe(Topics.Transcripts, new Transcript
    {
        Completed = new TranscriptCompleted { Question = new Question { Index = question }, Text = text, SpeechMs = 6_000, AudioMs = 10_000, Confidence = confidence },
    });

    private ReportTotals? Head() => _driver.State("sessions", Session, new StateSerde<ReportTotals>());

    private void Pipe<T>(string topic, T value) where T : class, IMessage<T>, new() => _driver.Pipe(topic, Session, value, Serdes.Utf8, Events.For<T>());

    private List<InterviewReport> Read() => [.. _driver.Read(Topics.Reports, Serdes.Utf8, Events.For<InterviewReport>()).Select(r => r.Value!)];

    private sealed class PlainSerdes : IEventSerdes
    {
        public ISerde<T> For<T>() where T : class, IMessage<T>, new() => new StateSerde<T>();
    }
}
