using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Gateway.Questions;

/// <summary>Where questions come from.</summary>
public interface IQuestionSource
{
    /// <summary>The question of that id; null when there is none.</summary>
    Question? Get(string id);

    /// <summary>Up to <paramref name="count"/> questions for a position, in the order to ask them.</summary>
    IReadOnlyList<Question> ForPosition(string position, int count);

    /// <summary>A follow-up of a question that is not among those asked; null when there is none.</summary>
    Question? FollowUp(Question question, IReadOnlyList<Question> asked) => null;
}
