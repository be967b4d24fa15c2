using System.Text.Json;

namespace StreamPlatform.LanguageModels.Provider;

/// <summary>A quote, and the criterion that it supports: "technical" or "communication".</summary>
internal sealed record ModelQuote(string Quote, string Criterion);

/// <summary>What a model said, in the form that was asked for; nothing of it is believed yet.</summary>
internal sealed record ModelVerdict(double Technical, double Communication, string Feedback, IReadOnlyList<ModelQuote> Evidence, string Canary)
{
    private const int MaxChars = 64 * 1024;
    private const int MaxQuotes = 40;
    private const int MaxDepth = 8;

    private static readonly string[] Members = ["technical", "communication", "feedback", "evidence", "canary"];
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    /// <summary>Reads exactly the schema: every member once, none beyond, the right types, nothing around the object. Null when it is anything else.</summary>
    public static ModelVerdict? Parse(string text)
    {
        if (text.Length > MaxChars)
        {
            return null;
        }
        try
        {
            using JsonDocument document = JsonDocument.Parse(text, Strict);
            return FromRoot(document.RootElement);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static ModelVerdict? FromRoot(JsonElement root)
    {
        if (!HasExactly(root, Members) || Number(root, "technical") is not { } technical || Number(root, "communication") is not { } communication
            || Text(root, "feedback") is not { } feedback || Text(root, "canary") is not { } canary
            || root.GetProperty("evidence") is not { ValueKind: JsonValueKind.Array } list || list.GetArrayLength() > MaxQuotes)
        {
            return null;
        }
        List<ModelQuote> evidence = [];
        foreach (JsonElement entry in list.EnumerateArray())
        {
            if (!HasExactly(entry, ["quote", "criterion"]) || Text(entry, "quote") is not { } quote || Text(entry, "criterion") is not ("technical" or "communication"))
            {
                return null;
            }
            evidence.Add(new(quote, entry.GetProperty("criterion").GetString()!));
        }
        return new(technical, communication, feedback, evidence, canary);
    }

    private static bool HasExactly(JsonElement element, string[] members) =>
        element.ValueKind == JsonValueKind.Object && element.EnumerateObject().Count() == members.Length && members.All(name => element.TryGetProperty(name, out _));

    // A whole number by the schema; a fraction is harmless, infinity is not.
    private static double? Number(JsonElement root, string name) =>
        root.GetProperty(name) is { ValueKind: JsonValueKind.Number } number && number.TryGetDouble(out double value) && double.IsFinite(value) ? value : null;

    private static string? Text(JsonElement root, string name)
    {
        try
        {
            return root.GetProperty(name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null; // half of a surrogate pair, escaped
        }
    }
}
