using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Questions;

namespace StreamPlatform.Tests.Unit.Questions;

public sealed class QuestionBankTests
{
    [Fact]
    public void The_shipped_bank_holds_the_demo_and_about_twenty_more()
    {
        IReadOnlyList<Question> demo = QuestionBank.Default.Select(QuestionBank.DemoIds);
        Assert.Equal([AnswerKind.Spoken, AnswerKind.Spoken, AnswerKind.Typed], demo.Select(question => question.Kind));
        Assert.Equal([0, 1, 2], demo.Select(question => question.Index));
        Assert.All(demo.Take(2), question => Assert.NotEqual("", question.Passage));
        Assert.InRange(QuestionBank.Default.Ids.Count(), 20, 100);
    }

    [Fact]
    public void A_position_gets_its_own_questions_first_and_any_position_gets_some()
    {
        IReadOnlyList<Question> backend = QuestionBank.Default.ForPosition("Senior Backend Engineer", 5);
        Assert.Equal("exactly-once-consumer", backend[0].Id);
        Assert.Equal([0, 1, 2, 3, 4], backend.Select(question => question.Index));
        Assert.Equal(5, QuestionBank.Default.ForPosition("Gardener", 5).Count);
        Assert.Equal(5, QuestionBank.Default.ForPosition(null, 5).DistinctBy(question => question.Id).Count());
        Assert.Empty(QuestionBank.Default.ForPosition("Backend", 0));
    }

    [Fact]
    public void A_question_handed_out_is_the_callers_own()
    {
        QuestionBank.Default.Get("caching").KeyPoints.Clear();
        Assert.NotEmpty(QuestionBank.Default.Get("caching").KeyPoints);
    }

    [Fact]
    public void An_unknown_id_is_named() =>
        Assert.Contains("no-such", Assert.Throws<KeyNotFoundException>(() => QuestionBank.Default.Get("no-such")).Message);

    [Fact]
    public void A_bank_refuses_what_cannot_be_scored_and_ids_that_occur_twice()
    {
        BankedQuestion good = new("a", "Why?", "typed", "logic", ["any"], ["because"]);
        Assert.Contains("\"a\"", Assert.Throws<InvalidDataException>(() => new QuestionBank([good, good])).Message);
        Assert.Throws<InvalidDataException>(() => new QuestionBank([good with { KeyPoints = [] }]));
        Assert.Throws<InvalidDataException>(() => new QuestionBank([good with { Kind = "sung" }]));
    }
}
