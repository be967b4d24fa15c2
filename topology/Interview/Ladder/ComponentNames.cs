namespace StreamPlatform.Topology.Ladder;

/// <summary>Components as events name them (EngineSignal.component).</summary>
public static class ComponentNames
{
    /// <summary>Those that only the process which uses them sees; how the model that scores does, the scores' topic tells.</summary>
    public static IReadOnlyList<LadderComponent> Told { get; } = [LadderComponent.QuestionModel, LadderComponent.Recogniser, LadderComponent.Synthesiser, LadderComponent.Storage];

    public static string Of(LadderComponent component) => component switch
    {
        LadderComponent.ScoringModel => "scoring-model",
        LadderComponent.QuestionModel => "question-model",
        LadderComponent.Recogniser => "recogniser",
        LadderComponent.Synthesiser => "synthesiser",
        _ => "storage",
    };

    /// <summary>Null for a name of a later version.</summary>
    public static LadderComponent? Parse(string name) =>
        Enum.GetValues<LadderComponent>().Select(c => (LadderComponent?)c).FirstOrDefault(c => Of(c!.Value) == name);
}
