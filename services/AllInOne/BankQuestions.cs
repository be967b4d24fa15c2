using StreamPlatform.Gateway.Questions;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Questions;

namespace StreamPlatform.AllInOne;

/// <summary>The gateway's questions come from the bank.</summary>
internal sealed class BankQuestions : IQuestionSource
{
    public Question? Get(string id) => QuestionBank.Default.TryGet(id, out var question) ? question : null;

    public IReadOnlyList<Question> ForPosition(string position, int count) => QuestionBank.Default.ForPosition(position, count);
}
