using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Topology.Questions;

/// <summary>A question as questions.json holds it.</summary>
/// <param name="Id">Unique in the bank.</param>
/// <param name="Text">What the candidate is asked.</param>
/// <param name="Kind">"typed" or "spoken".</param>
/// <param name="Competency">E.g. "distributed systems".</param>
/// <param name="Positions">Lower-case words of positions it suits, e.g. "backend"; "any" suits every one.</param>
/// <param name="KeyPoints">What a good answer mentions; for the scorer.</param>
/// <param name="Passage">A text to read aloud; null when there is none.</param>
/// <param name="FollowUps">What may be asked after any answer to it; null when there is nothing.</param>
public sealed record BankedQuestion(
    string Id, string Text, string Kind, string Competency, IReadOnlyList<string> Positions, IReadOnlyList<string>? KeyPoints = null, string? Passage = null,
    IReadOnlyList<BankedFollowUp>? FollowUps = null)
{
    internal void Validate()
    {
        bool complete = !string.IsNullOrWhiteSpace(Id) && !string.IsNullOrWhiteSpace(Text) && !string.IsNullOrWhiteSpace(Competency) && Positions is not null;
        if (!complete || Kind is not ("typed" or "spoken"))
        {
            throw new InvalidDataException($"The question \"{Id}\" needs id, text, competency, positions, and the kind \"typed\" or \"spoken\".");
        }
        if (string.IsNullOrWhiteSpace(Passage) && KeyPoints is not { Count: > 0 })
        {
            throw new InvalidDataException($"The question \"{Id}\" needs key points, or a passage to read: nothing else can be scored.");
        }
        if (FollowUps?.Any(each => string.IsNullOrWhiteSpace(each.Text) || each.KeyPoints is not { Count: > 0 }) == true)
        {
            throw new InvalidDataException($"A follow-up of the question \"{Id}\" needs a text and key points.");
        }
    }

    internal Question ToQuestion(int index)
    {
        Question question = new()
        {
            Id = Id, Index = index, Text = Text, Competency = Competency, Passage = Passage ?? "",
            Kind = Kind == "spoken" ? AnswerKind.Spoken : AnswerKind.Typed,
        };
        question.KeyPoints.AddRange(KeyPoints ?? []);
        return question;
    }

    internal Question? ToFollowUp(int number)
    {
        if (FollowUps is null || number >= FollowUps.Count)
        {
            return null;
        }
        return new Question
        {
            Id = $"{Id}-follow-up-{number + 1}", Text = FollowUps[number].Text, Competency = Competency, FollowUpOf = Id,
            Kind = Kind == "spoken" ? AnswerKind.Spoken : AnswerKind.Typed, KeyPoints = { FollowUps[number].KeyPoints },
        };
    }
}

/// <summary>A follow-up as questions.json holds it.</summary>
/// <param name="Text">What the candidate is asked.</param>
/// <param name="KeyPoints">What a good answer mentions; for the scorer.</param>
public sealed record BankedFollowUp(string Text, IReadOnlyList<string> KeyPoints);
