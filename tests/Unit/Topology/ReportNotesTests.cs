using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.State;
using StreamPlatform.Topology.Steps;
using Xunit;

namespace StreamPlatform.Tests.Unit.Topology;

/// <summary>What a report says about its own trustworthiness, its sources and its cost.</summary>
public sealed class ReportNotesTests
{
    private const long Start = 1_000_000;
    private static readonly ReportOptions Options = new();

    [Fact]
    public void A_face_lost_for_five_seconds_is_noted_with_its_times_and_one_lost_for_less_is_not()
    {
        var track = Frames(40, at => at is >= 10 and < 20 or >= 30 and < 35 ? 0 : 1); // 2 frames per second: 5 s and 2.5 s
        var note = Assert.Single(Notes(new ReportTotals(), track), n => n.Kind == "face-lost");
        Assert.Equal(("no face for 5 s", Start + 5_000, Start + 10_000), (note.Text, note.FromMs, note.ToMs));
    }

    [Fact]
    public void A_face_that_never_comes_back_is_noted_until_the_last_frame() =>
        Assert.Equal("no face for 7.5 s", Assert.Single(Notes(new ReportTotals(), Frames(20, at => at < 4 ? 1 : 0)), n => n.Kind == "face-lost").Text);

    [Fact]
    public void Several_faces_are_noted_and_counted()
    {
        var track = Frames(20, at => at is >= 8 and < 12 ? 2 : 1);
        var note = Assert.Single(Notes(new ReportTotals(), track), n => n.Kind == "several-faces");
        Assert.Equal((Start + 4_000, Start + 5_500), (note.FromMs, note.ToMs));
        Assert.Equal(4, Write(new ReportTotals(), track).FramesWithSeveralFaces);
        Assert.DoesNotContain(Notes(new ReportTotals(), Frames(20, at => at == 8 ? 2 : 1)), n => n.Kind == "several-faces"); // one frame may err
    }

    [Fact]
    public void A_gap_in_capture_is_noted_unless_the_connection_was_lost_then()
    {
        var track = ReportFaces.Add(Frames(4, _ => 1), Seen(30, 1), Options); // 1.5 s, then 15 s
        var note = Assert.Single(Notes(new ReportTotals(), track), n => n.Kind == "capture-gap");
        Assert.Equal((Start + 1_500, Start + 15_000), (note.FromMs, note.ToMs));

        var totals = With(
            new SessionEvent { AtMs = Start + 2_000, Interrupted = new SessionInterrupted { Reason = "network" } },
            new SessionEvent { AtMs = Start + 14_000, Resumed = new SessionResumed { GapMs = 12_000 } });
        var notes = Notes(totals, track);
        Assert.DoesNotContain(notes, n => n.Kind == "capture-gap");
        Assert.Equal("the connection was lost 1 time(s), 12000 ms in all", Assert.Single(notes, n => n.Kind == "interrupted").Text);
    }

    [Fact]
    public void A_transcript_of_low_confidence_and_text_addressed_to_the_scorer_are_noted_by_question()
    {
        var totals = ReportGathering.Add(new ReportTotals(), Heard(1, 0.4f, "some words"), Start);
        totals = ReportGathering.Add(totals, new AnswerScored { QuestionIndex = 2, ReviewReason = "The answer contains text addressed to the scorer, which was left out." }, Start);
        var notes = Notes(totals, new FaceTrack());
        Assert.Equal((2, "question 2: the transcript's confidence is 40 %, below 70 %"), Note("low-confidence"));
        Assert.Equal((3, "question 3: the answer contains text addressed to the scorer"), Note("injection"));

        (int, string) Note(string kind)
        {
            var note = Assert.Single(notes, n => n.Kind == kind);
            return (note.Question, note.Text);
        }
    }

    [Fact]
    public void Another_face_in_the_candidates_place_is_noted_when_it_comes()
    {
        var track = Frames(4, _ => 1);
        foreach (var (index, followed) in new[] { (4, 1), (5, 2), (6, 2) })
        {
            var seen = Seen(index, 1);
            seen.Track = followed;
            track = ReportFaces.Add(track, seen, Options);
        }

        Assert.Equal(Start + 2_500, Assert.Single(Notes(new ReportTotals(), track), n => n.Kind == "face-changed").FromMs);
    }

    [Fact]
    public void A_transcript_that_a_person_corrected_is_noted_and_its_rate_is_the_measured_one()
    {
        var corrected = Heard(0, 1, "what was really said");
        (corrected.Revision, corrected.CorrectedBy, corrected.Features) = (1, "user-7", new SpeechFeatures { WordsPerMinute = 140 });
        var totals = ReportGathering.Add(ReportGathering.Add(new ReportTotals(), Heard(0, 0.4f, "mumble"), Start), corrected, Start);
        Assert.Same(totals, ReportGathering.Add(totals, Heard(0, 0.4f, "mumble"), Start)); // revision 0, late
        Assert.Equal("corrected", Assert.Single(Notes(totals, new FaceTrack()), n => n.Question == 1).Kind);
        Assert.Equal(140, Write(totals, new FaceTrack()).WordsPerMinute);
    }

    [Fact]
    public void A_change_of_level_is_a_mark_and_a_note()
    {
        var totals = With(new SessionEvent { AtMs = Start, LevelChanged = new LevelChanged { FromLevel = 0, ToLevel = 1, Reason = "the model is slow" } });
        Assert.Equal("level 0 to 1: the model is slow", Assert.Single(Notes(totals, new FaceTrack()), n => n.Kind == "level").Text);
        Assert.Equal(("level", 1), (Assert.Single(totals.Marks).Kind, totals.Marks[0].Level));
    }

    [Fact]
    public void Marks_and_stretches_are_bounded()
    {
        var totals = new ReportTotals();
        for (var i = 0; i < 1_000; i++)
        {
            totals = ReportGathering.Add(totals, new SessionEvent { AtMs = Start + i, Interrupted = new SessionInterrupted() });
        }

        totals = ReportGathering.Add(totals, new SessionEvent { AtMs = Start + 2_000, Completed = new SessionCompleted() });
        Assert.Equal(201, totals.Marks.Count);
        Assert.Equal("completed", totals.Marks[^1].Kind);

        var track = Frames(10_000, at => at % 12 == 0 ? 1 : 0);
        Assert.Equal(100, track.FaceLost.Count);
        Assert.Equal(20, Notes(new ReportTotals(), track).Count(n => n.Kind == "face-lost"));
    }

    [Fact]
    public void Versions_name_every_engine_with_the_answers_it_served()
    {
        var totals = ReportGathering.Add(new ReportTotals(), Heard(0, 0.9f, "a b"), Start);
        totals = ReportGathering.Add(totals, new AnswerScored { QuestionIndex = 0, Engine = "offline-rubric", RubricVersion = "1" }, Start);
        totals = ReportGathering.Add(totals, new AnswerScored { QuestionIndex = 1, Engine = "offline-rubric", RubricVersion = "1" }, Start);
        var report = Write(totals, Frames(2, _ => 1));
        Assert.Equal(
            [("emotion", "face models", "m-1", 0), ("transcription", "pocketsphinx", "", 1), ("scoring", "offline-rubric", "rubric 1", 2)],
            report.Versions.Select(v => (v.Part, v.Name, v.Version, v.Uses)));
        Assert.Equal(0, report.CostUsd);
        Assert.Empty(report.Costs);
    }

    [Fact]
    public void The_speaking_rate_is_that_of_the_speech_and_weighted_by_it()
    {
        var totals = ReportGathering.Add(new ReportTotals(), Heard(0, 0.9f, string.Join(' ', Enumerable.Repeat("word", 12))), Start); // 12 words in 6 s of speech
        Assert.Equal(120, Write(totals, new FaceTrack()).WordsPerMinute);
        Assert.Equal(100, Write(totals, new FaceTrack()).PaceScore);
    }

    private static ReportTotals With(params SessionEvent[] events) => events.Aggregate(new ReportTotals(), ReportGathering.Add);

    private static FaceTrack Frames(int count, Func<int, int> faces) =>
        Enumerable.Range(0, count).Aggregate(new FaceTrack(), (track, i) => ReportFaces.Add(track, Seen(i, faces(i)), Options));

    private static EmotionObserved Seen(int index, int faces) => new()
    {
        Sequence = index + 1, CapturedAtMs = Start + (500 * index), FaceCount = faces, Probabilities = faces > 0 ? new EmotionProbabilities { Neutral = 1 } : null, ModelVersion = "m-1",
    };

    private static TranscriptCompleted Heard(int question, float confidence, string text) =>
        new() { Question = new Question { Index = question }, Text = text, SpeechMs = 6_000, AudioMs = 10_000, Confidence = confidence, Engine = "pocketsphinx" };

    private static IReadOnlyList<IntegrityNote> Notes(ReportTotals totals, FaceTrack track) => Write(totals, track).Integrity;

    private static InterviewReport Write(ReportTotals totals, FaceTrack track) => ReportWriting.Write("s", totals, track, "", Start, Options);
}
