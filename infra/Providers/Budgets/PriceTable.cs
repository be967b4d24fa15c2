using System.Text.Json;
using System.Text.RegularExpressions;

namespace StreamPlatform.Providers;

/// <summary>Prices of a model; what it does not count is 0.</summary>
/// <param name="InputPerMillionTokens">USD per 1,000,000 tokens of input.</param>
/// <param name="OutputPerMillionTokens">USD per 1,000,000 tokens of output.</param>
/// <param name="PerAudioMinute">USD per minute of audio.</param>
/// <param name="PerMillionCharacters">USD per 1,000,000 characters that are spoken.</param>
public sealed record ModelPrice(decimal InputPerMillionTokens = 0, decimal OutputPerMillionTokens = 0, decimal PerAudioMinute = 0, decimal PerMillionCharacters = 0)
{
    /// <summary>USD.</summary>
    public decimal Tokens(long input, long output) => (input * InputPerMillionTokens + output * OutputPerMillionTokens) / 1_000_000m;

    /// <summary>USD.</summary>
    public decimal AudioSeconds(long seconds) => seconds * PerAudioMinute / 60m;

    /// <summary>USD.</summary>
    public decimal Characters(long characters) => characters * PerMillionCharacters / 1_000_000m;
}

/// <summary>
/// Prices by model: the name itself, or that name with a date or "-latest" behind it ("gpt-4o-2024-11-20" is a "gpt-4o"). Any other name is unknown: it is charged with
/// the higher of "*" and the longest entry it begins with, each kind of unit by itself, so that a dearer relative ("gpt-4o-realtime") does not pass for a cheap one.
/// </summary>
public sealed partial class PriceTable
{
    /// <summary>Whose prices are built in, from where and when. See prices.json.</summary>
    public const string BuiltIn = "list prices of OpenAI, standard tier, from its pricing page as published in 2025";

    private const string Unknown = "*";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        ReadCommentHandling = JsonCommentHandling.Skip,
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
    };

    private readonly Dictionary<string, ModelPrice> prices;

    private PriceTable(Dictionary<string, ModelPrice> prices) => this.prices = prices;

    /// <summary>Price of a model; never missing, since "*" is always there.</summary>
    public ModelPrice this[string model] => Known(model) ?? Dearer(prices[Unknown], Relative(model));

    /// <summary>The table does not know the model: its price is a guess, on the high side as far as the table goes.</summary>
    public bool IsAssumed(string model) => Known(model) is null;

    private ModelPrice? Known(string model) =>
        model == Unknown ? null : prices.GetValueOrDefault(model) ?? (Version().Match(model) is { Success: true } version ? prices.GetValueOrDefault(model[..version.Index]) : null);

    private ModelPrice? Relative(string model) =>
        prices.Where(p => model.StartsWith(p.Key, StringComparison.Ordinal)).OrderByDescending(p => p.Key.Length).Select(p => p.Value).FirstOrDefault();

    private static ModelPrice Dearer(ModelPrice a, ModelPrice? b) => b is null ? a : new(
        Math.Max(a.InputPerMillionTokens, b.InputPerMillionTokens), Math.Max(a.OutputPerMillionTokens, b.OutputPerMillionTokens),
        Math.Max(a.PerAudioMinute, b.PerAudioMinute), Math.Max(a.PerMillionCharacters, b.PerMillionCharacters));

    [GeneratedRegex("-(\\d{4}-\\d{2}-\\d{2}|\\d{4}|latest)$", RegexOptions.CultureInvariant)]
    private static partial Regex Version();

    /// <summary>The built-in prices (prices.json) below those of a file.</summary>
    /// <param name="file">JSON object of model names and prices; empty = none.</param>
    /// <exception cref="ArgumentException">Names the file and what is wrong in it.</exception>
    public static PriceTable Load(string file)
    {
        using var builtIn = typeof(PriceTable).Assembly.GetManifestResourceStream("prices.json") ?? throw new InvalidOperationException("prices.json is not embedded");
        var prices = JsonSerializer.Deserialize<Dictionary<string, ModelPrice>>(builtIn, Json)!;
        if (file.Length > 0)
        {
            try
            {
                foreach (var (model, price) in JsonSerializer.Deserialize<Dictionary<string, ModelPrice>>(File.ReadAllText(file), Json) ?? [])
                {
                    ProviderOptions.Require(
                        price is { InputPerMillionTokens: >= 0, OutputPerMillionTokens: >= 0, PerAudioMinute: >= 0, PerMillionCharacters: >= 0 },
                        $"the price of '{model}' in {file} is below 0");
                    prices[model] = price;
                }
            }
            catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
            {
                throw new ArgumentException($"the price file {file} cannot be read: {e.Message}", e);
            }
        }

        return new PriceTable(prices);
    }
}
