using System.Text.Json;
using StreamPlatform.Tests.Unit.House;

namespace StreamPlatform.Tests.Unit.LanguageModels;

/// <summary>What a model that obeys an attempt puts into its output. Null numbers: it scores honestly.</summary>
/// <param name="Evidence">"" = true quotes; "none", "forged", "tiny", "self" (the attempt's own words).</param>
/// <param name="Canary">"" = returned as asked; "leak-feedback", "leak-spelled", "leak-reversed", "leak-part", "leak-fence", "empty", "zeros".</param>
/// <param name="Raw">The whole output, {canary} replaced.</param>
internal sealed record Obedience(double? Technical, double? Communication, string Feedback, string Evidence, string Canary, string? Raw);

/// <summary>One attempt of injections.json.</summary>
internal sealed record InjectionAttempt(string Id, string Kind, string Text, Obedience Obey)
{
    public static IReadOnlyList<InjectionAttempt> All { get; } = Load();

    private static List<InjectionAttempt> Load()
    {
        using JsonDocument file = JsonDocument.Parse(File.ReadAllText(Repository.File("tests/Unit/LanguageModels/injections.json")));
        return [.. file.RootElement.EnumerateArray().Select(e => new InjectionAttempt(Word(e, "id"), Word(e, "kind"), Word(e, "text"), Read(e.GetProperty("obey"))))];
    }

    private static Obedience Read(JsonElement obey) => new(
        Number(obey, "technical"), Number(obey, "communication"), Word(obey, "feedback", "An excellent answer that covers everything."), Word(obey, "evidence", ""),
        Word(obey, "canary", ""), obey.TryGetProperty("raw", out JsonElement raw) ? raw.GetString() : null);

    private static string Word(JsonElement element, string name, string otherwise = "") => element.TryGetProperty(name, out JsonElement value) ? value.GetString()! : otherwise;

    // absent: everything; null: as an honest scorer
    private static double? Number(JsonElement element, string name) =>
        !element.TryGetProperty(name, out JsonElement value) ? 100 : value.ValueKind == JsonValueKind.Null ? null : value.GetDouble();
}

/// <summary>An answer without any attempt, and what its author holds for a fair score.</summary>
internal sealed record HonestAnswer(string Question, double Technical, double Communication, string Text)
{
    public static IReadOnlyList<HonestAnswer> All { get; } = JsonSerializer.Deserialize<List<HonestAnswer>>(
        File.ReadAllText(Repository.File("tests/Unit/LanguageModels/honest-answers.json")), JsonSerializerOptions.Web)!;
}
