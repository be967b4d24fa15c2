using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Questions;

namespace StreamPlatform.Gateway.Questions;

/// <summary>The platform's question bank as a source.</summary>
public sealed class BankQuestions(QuestionBank bank) : IQuestionSource
{
    public Question? Get(string id) => bank.TryGet(id, out var question) ? question : null;

    public IReadOnlyList<Question> ForPosition(string position, int count) => bank.ForPosition(position, count);

    public Question? FollowUp(Question question, IReadOnlyList<Question> asked) => bank.FollowUp(question.Id, [.. asked.Select(q => q.Id)]);
}
