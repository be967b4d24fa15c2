using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using StreamPlatform.LanguageModels.Provider.Injection;
using StreamPlatform.Providers;
using StreamPlatform.Schemas.V1;

namespace StreamPlatform.LanguageModels.Provider;

/// <summary>
/// The rubric prompt of Prompts/score.txt and the schema beside it, versioned together. Trusted text goes into the system message, the
/// answer alone into the user message: as JSON, between two lines with a mark that nobody outside of this process can know.
/// </summary>
internal sealed class ScoringPrompt
{
    private const string SchemaName = "answer_score";

    // Every language stays readable; quotes, angle brackets and ampersands are escaped as well.
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    private readonly byte[] secret;
    private readonly string template;
    private readonly string schema;

    /// <param name="secret">Key of tokens and marks; at least 16 bytes, random per process.</param>
    public ScoringPrompt(byte[] secret)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(secret.Length, 16, nameof(secret));
        this.secret = secret;
        string text = Resource("score.txt");
        schema = Resource("score.schema.json");
        int firstLine = text.IndexOf('\n');
        template = text[(firstLine + 1)..].Trim();
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text + schema)))[..12];
        Version = $"{text[..firstLine].Replace("version:", "", StringComparison.Ordinal).Trim()}/{hash}";
    }

    /// <summary>"VERSION/HASH": the number written in the file, and 12 hex digits of the SHA-256 over prompt and schema.</summary>
    public string Version { get; }

    /// <summary>The request, and the tokens that its answer is checked by. The same answer, question and attempt make the same request, so that it can be cached.</summary>
    public (ChatRequest Request, Tokens Tokens) For(Question question, string answer, int attempt, ProviderScoringOptions options)
    {
        string shown = Invisible.Strip(answer);
        string asked = JsonSerializer.Serialize(
            new { text = question.Text, competency = question.Competency, keyPoints = question.KeyPoints.ToArray(), passage = question.Passage }, Json);
        Tokens tokens = new(Derive("canary", asked, shown, attempt), Derive("fence", asked, shown, attempt));
        string system = template.Replace("{{question}}", asked, StringComparison.Ordinal)
            .Replace("{{canary}}", tokens.Canary, StringComparison.Ordinal).Replace("{{fence}}", tokens.Fence, StringComparison.Ordinal);
        string user = $"{tokens.Fence}\n{JsonSerializer.Serialize(new { answer = shown }, Json)}\n{tokens.Fence}";
        ModelTier tier = question.Passage.Length > 0 ? ModelTier.Cheap : ModelTier.Strong; // comparing with a passage needs no judgement
        return (
            new(tier, system, user, SchemaName, schema, options.MaxOutputTokens, $"score/{Version}", TimeSpan.FromMilliseconds(options.AttemptTimeoutMs)),
            tokens);
    }

    private string Derive(string purpose, string question, string answer, int attempt)
    {
        byte[] data = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new object[] { purpose, question, answer, attempt }));
        return Convert.ToHexStringLower(HMACSHA256.HashData(secret, data))[..32];
    }

    private static string Resource(string name)
    {
        using Stream stream = typeof(ScoringPrompt).Assembly.GetManifestResourceStream(name)!;
        using StreamReader reader = new(stream, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}

/// <summary>What one request's answer is checked by; 32 hex digits each.</summary>
/// <param name="Canary">Must come back in its member and nowhere else.</param>
/// <param name="Fence">The mark around the answer; must not come back at all.</param>
internal readonly record struct Tokens(string Canary, string Fence);
