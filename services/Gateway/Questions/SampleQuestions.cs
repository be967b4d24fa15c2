using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Gateway.Questions;

/// <summary>Three questions, for a gateway without a bank.</summary>
public sealed class SampleQuestions : IQuestionSource
{
    private static readonly Question[] Questions =
    [
        new()
        {
            Id = "read-sample", Kind = AnswerKind.Spoken, Text = "Please read this passage aloud.",
            Passage = "He was not an ill disposed young man, unless to be rather cold hearted and rather selfish is to be ill disposed.",
            Competency = "communication",
        },
        new()
        {
            Id = "typed-sample", Kind = AnswerKind.Typed, Text = "How do you make a message consumer idempotent, and why is it needed?",
            Competency = "distributed systems", KeyPoints = { "at least once delivery", "deduplication by key or sequence", "atomic commit of offset and result" },
        },
        new()
        {
            Id = "spoken-sample", Kind = AnswerKind.Spoken, Text = "Tell us about a fault that you found and fixed.", Competency = "communication",
        },
    ];

    public Question? Get(string id) => Questions.FirstOrDefault(q => q.Id == id)?.Clone();

    public IReadOnlyList<Question> ForPosition(string position, int count) => [.. Questions.Take(count).Select(q => q.Clone())];
}
