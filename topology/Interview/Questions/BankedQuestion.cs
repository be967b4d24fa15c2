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
public sealed record BankedQuestion(
    string Id, string Text, string Kind, string Competency, IReadOnlyList<string> Positions, IReadOnlyList<string>? KeyPoints = null, string? Passage = null)
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
}
