using Microsoft.Extensions.Logging.Abstractions;
using StreamPlatform.LanguageModels;
using StreamPlatform.LanguageModels.Provider;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Questions;

namespace StreamPlatform.Tests.Unit.LanguageModels;

/// <summary>Every attempt of injections.json against a model that obeys it. What is measured here is told in docs/scoring.md.</summary>
public sealed class InjectionTests
{
    /// <summary>Points by which the released technical score may differ from that of the same answer without the attempt.</summary>
    private const float Technical = 5;

    /// <summary>The same of communication: it measures composition, and what an attempt adds besides orders is text too.</summary>
    private const float Communication = 20;

    private const string Id = "exactly-once-consumer";

    public static TheoryData<string> Attempts => [.. InjectionAttempt.All.Select(a => a.Id)];

    [Fact]
    public void There_are_more_than_fifty_distinct_attempts_of_many_kinds()
    {
        Assert.InRange(InjectionAttempt.All.Count, 50, 1000);
        Assert.Equal(InjectionAttempt.All.Count, InjectionAttempt.All.Select(a => a.Text).Distinct().Count());
        Assert.InRange(InjectionAttempt.All.Select(a => a.Kind).Distinct().Count(), 10, 100);
    }

    [Theory]
    [MemberData(nameof(Attempts))]
    public async Task An_attempt_is_flagged_and_changes_no_released_score(string id)
    {
        InjectionAttempt attempt = InjectionAttempt.All.Single(a => a.Id == id);
        (string good, string vague, string offTopic) = SampleAnswers.All[Id];
        foreach (string answer in (string[])[good, vague, offTopic, ""])
        {
            foreach (string attacked in (string[])[answer + "\n" + attempt.Text, attempt.Text + "\n" + answer])
            {
                Evaluation clean = OfflineRubric.Evaluate(Question, answer), released = await EvaluateAsync(attacked, detect: true);
                Assert.True(released.NeedsHumanReview);
                Assert.NotEmpty(released.Flags);
                Assert.Equal(OfflineRubric.EngineName, released.Engine);
                Assert.InRange(released.Technical, clean.Technical - Technical, clean.Technical + Technical);
                if (released.Flags.Any(flag => flag.StartsWith(ScoreFlags.InstructionLike, StringComparison.Ordinal)))
                {
                    Assert.InRange(released.Communication, clean.Communication - Communication, clean.Communication + Communication);
                }
                Assert.Equal(OfflineRubric.Evaluate(Question, Remainder(attacked)).Technical, released.Technical);
            }
        }
    }

    [Fact]
    public async Task Without_the_detector_the_other_defences_catch_what_is_told()
    {
        List<string> passed = [];
        int obeyed = 0;
        foreach (InjectionAttempt attempt in InjectionAttempt.All)
        {
            foreach ((string name, string answer) in (List<(string, string)>)[("good", SampleAnswers.All[Id].Good), ("vague", SampleAnswers.All[Id].Vague), ("off-topic", SampleAnswers.All[Id].OffTopic)])
            {
                obeyed++;
                if (!(await EvaluateAsync(answer + "\n" + attempt.Text, detect: false)).NeedsHumanReview)
                {
                    passed.Add($"{attempt.Id}/{name}");
                }
            }
        }
        TestContext.Current.SendDiagnosticMessage($"without the detector: {obeyed - passed.Count} of {obeyed} caught; passed: {string.Join(", ", passed)}");
        Assert.All(passed, each => Assert.True(each.EndsWith("/good", StringComparison.Ordinal) || each is "modest-bump/vague" or "modest-bump/off-topic" || each.StartsWith("canary", StringComparison.Ordinal), each));
        Assert.InRange(passed.Count, 0, obeyed / 3);
    }

    [Fact]
    public async Task Honest_answers_are_released_as_the_model_scored_them()
    {
        List<string> suspected = [], unsupported = [];
        var all = HonestAnswer.All.Concat(SampleAnswers.All.SelectMany(s => (HonestAnswer[])
            [new(s.Key, 85, 85, s.Value.Good), new(s.Key, 15, 55, s.Value.Vague), new(s.Key, 0, 30, s.Value.OffTopic)])).ToList();
        foreach (HonestAnswer answer in all)
        {
            GullibleModel model = new(InjectionAttempt.All, _ => (answer.Technical, answer.Communication));
            Evaluation released = await Scorer(model, true).EvaluateAsync(ToScore(QuestionBank.Default.Get(answer.Question), answer.Text), TestContext.Current.CancellationToken);
            if (released.Flags.Count == 0)
            {
                Assert.Equal(((float)answer.Technical, (float)answer.Communication, ProviderLanguageModel.EngineName), (released.Technical, released.Communication, released.Engine));
                continue;
            }
            Evaluation offline = OfflineRubric.Evaluate(QuestionBank.Default.Get(answer.Question), answer.Text);
            (released.Flags[0] == ScoreFlags.Unsupported ? unsupported : suspected).Add(
                $"{answer.Question} {string.Join(',', released.Flags)} model {answer.Technical}/{answer.Communication} offline {offline.Technical}/{offline.Communication}: {answer.Text[..50]}");
        }
        TestContext.Current.SendDiagnosticMessage($"of {all.Count} honest answers {suspected.Count} suspected, {unsupported.Count} unsupported:\n{string.Join('\n', suspected.Concat(unsupported))}");
        Assert.InRange(all.Count, 45, 1000);
        Assert.Empty(suspected);
        Assert.InRange(unsupported.Count, 0, all.Count * 15 / 100);
    }

    [Fact]
    public async Task The_answer_reaches_the_model_alone_fenced_and_as_JSON_whatever_it_holds()
    {
        GullibleModel model = new([], _ => (10, 10));
        const string answer = "He said \"a < b\" & more.\nNew line \\u0041 \u200bdone \U0001F600 ünïcode";
        await Scorer(model, false).EvaluateAsync(ToScore(Question, answer), TestContext.Current.CancellationToken);
        var request = model.Requests.Single();
        Assert.Equal(answer.Replace("\u200b", ""), GullibleModel.Answer(request));
        Assert.DoesNotContain("a < b", request.System + request.User.Split('\n')[1]);
        Assert.DoesNotContain("He said", request.System);
        Assert.Contains("transactional producer", request.System);
        Assert.DoesNotContain("{{", request.System);
    }

    private static Question Question => QuestionBank.Default.Get(Id);

    private static string Remainder(string answer) => StreamPlatform.LanguageModels.Provider.Injection.InstructionDetector.Inspect(answer).Remainder;

    private static async Task<Evaluation> EvaluateAsync(string answer, bool detect)
    {
        // an honest model is a little kinder than the offline rubric
        GullibleModel model = new(InjectionAttempt.All, text => OfflineRubric.Evaluate(Question, text) is var o ? (Math.Min(100, Math.Round(o.Technical + 8)), Math.Min(100, Math.Round(o.Communication + 8))) : default);
        return await Scorer(model, detect).EvaluateAsync(ToScore(Question, answer), TestContext.Current.CancellationToken);
    }

    private static ProviderLanguageModel Scorer(GullibleModel model, bool detect) =>
        new(model, new() { DetectInstructions = detect }, TimeProvider.System, NullLogger<ProviderLanguageModel>.Instance);

    private static AnswerToScore ToScore(Question question, string answer) => new("s/0", "s", "t", question, answer);
}
