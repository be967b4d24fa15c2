using StreamPlatform.Reports;

namespace StreamPlatform.Tests.Unit.Reports;

public sealed class ReportComposerTests
{
    [Fact]
    public void Answers_are_joined_with_their_words_and_scores_by_question()
    {
        var answers = SampleReport.Document().Answers;
        Assert.Equal([(0, "spoken", "i built a ledger that never loses a record"), (1, "typed", "Offsets and results in one transaction.")], answers.Select(a => (a.QuestionIndex, a.Kind, a.Text)));
        Assert.Equal((20_000, 65), (answers[0].Speech!.SilenceMs, answers[0].Speech!.Words));
        Assert.Null(answers[1].Speech);
        Assert.Equal([60, 70], answers.Select(a => a.Score!.Technical));
        Assert.Null(answers[0].Score!.Override);
    }

    [Fact]
    public void What_is_not_known_is_null_and_not_zero()
    {
        var scores = SampleReport.Document(change: r => (r.EmotionKnown, r.Emotion, r.AudioMs, r.WordsPerMinute) = (false, 0, 0, 0)).Scores;
        Assert.Null(scores.Emotion);
        Assert.Null(scores.Talk);
        Assert.Null(scores.Pace);
        Assert.Equal(90, scores.Face);
    }

    [Theory]
    [InlineData(true, 0, "pending")]
    [InlineData(false, 2, "confirmed")]
    [InlineData(false, 0, "clear")]
    public void The_state_of_the_review_is_said(bool needed, int byPerson, string state) =>
        Assert.Equal(state, SampleReport.Document(change: r => (r.NeedsHumanReview, r.AnswersScoredByPerson) = (needed, byPerson)).Review.State);

    [Fact]
    public void The_timeline_is_complete_when_every_analysed_frame_is_in_a_window()
    {
        Assert.True(SampleReport.Document(windows: 12).Timeline.Complete); // 12 x 20 frames of 239
        Assert.False(SampleReport.Document(windows: 11).Timeline.Complete);
    }

    [Fact]
    public void A_report_without_an_answer_that_was_scored_lists_the_answer_all_the_same() =>
        Assert.Null(SampleReport.Document(change: r => r.Scores.RemoveAt(1)).Answers[1].Score);
}
