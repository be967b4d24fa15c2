using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using StreamPlatform.LanguageModels.Provider.Injection;
using StreamPlatform.Providers;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.LanguageModels.Provider;

/// <summary>
/// Scores by a language model behind <see cref="IChatProvider"/>, and believes it only as far as it can be checked. The offline rubric scores
/// every answer as well: its numbers are released, marked for a person, whenever anything is caught or the provider gives no answer.
/// The defences and what they cannot do: docs/scoring.md. Safe for concurrent use.
/// </summary>
public sealed class ProviderLanguageModel : ILanguageModel
{
    /// <summary>Name stored with scores that the model gave.</summary>
    public const string EngineName = "provider";

    /// <summary>One repetition of an answer that is not the JSON asked for.</summary>
    private const int Attempts = 2;

    private const int MaxQuotes = 5;

    private readonly IChatProvider provider;
    private readonly ProviderScoringOptions options;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly ScoringPrompt prompt = new(RandomNumberGenerator.GetBytes(32));

    public ProviderLanguageModel(IChatProvider provider, ProviderScoringOptions options, TimeProvider time, ILogger<ProviderLanguageModel> logger)
    {
        options.Validate();
        this.provider = provider;
        this.options = options;
        this.time = time;
        this.logger = logger;
    }

    /// <summary>Version and hash of the prompt in use.</summary>
    public string PromptVersion => prompt.Version;

    public async ValueTask<Evaluation> EvaluateAsync(AnswerToScore answer, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Inspection inspection = options.DetectInstructions ? InstructionDetector.Inspect(answer.Text) : new([], answer.Text);
        Evaluation offline = OfflineRubric.Evaluate(answer.Question, inspection.Remainder);
        if (inspection.Found.Count > 0)
        {
            Log.InstructionLike(logger, answer.AnswerId, string.Join(", ", inspection.Found));
            return Fallback(offline, Asked.Nothing, [.. inspection.Found.Select(rule => $"{ScoreFlags.InstructionLike}:{rule}")]);
        }
        if (string.IsNullOrWhiteSpace(answer.Text) || answer.Text.Length > OfflineRubric.MaxAnswerChars)
        {
            return offline; // nothing to ask about, or more than is read: the offline rubric says which, and asks for a person
        }
        using CancellationTokenSource deadline = new(TimeSpan.FromMilliseconds(options.DeadlineMs), time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        Asked asked = Asked.Nothing;
        try
        {
            for (int attempt = 1; attempt <= Attempts; attempt++)
            {
                (ChatRequest request, Tokens tokens) = prompt.For(answer.Question, answer.Text, attempt, options);
                ChatAnswer said = await provider.CompleteAsync(request, new(answer.Tenant, answer.SessionId, "score"), either.Token).ConfigureAwait(false);
                asked = new(prompt.Version, said.Cost.Model, asked.CostUsd + said.Cost.CostUsd);
                if (ModelVerdict.Parse(said.Text) is { } verdict)
                {
                    return Judge(answer, verdict, tokens, offline, asked);
                }
            }
            return Caught(answer, offline, asked, [ScoreFlags.InvalidOutput]);
        }
        catch (ProviderException failure)
        {
            Log.ProviderFailed(logger, answer.AnswerId, failure.Failure, failure);
            return Fallback(offline, asked, [$"{ScoreFlags.ProviderFailed}:{failure.Failure}"]);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            Log.TooSlow(logger, answer.AnswerId, options.DeadlineMs);
            return Fallback(offline, asked, [ScoreFlags.Deadline]);
        }
    }

    private Evaluation Judge(AnswerToScore answer, ModelVerdict verdict, Tokens tokens, Evaluation offline, Asked asked)
    {
        IReadOnlyList<string> flags = VerdictChecks.Of(verdict, answer.Text, tokens, offline, options);
        if (flags.Count > 0)
        {
            return Caught(answer, offline, asked, flags);
        }
        string[] quotes = [.. verdict.Evidence.Select(e => e.Quote).Distinct().Take(MaxQuotes)];
        return new((float)verdict.Technical, (float)verdict.Communication, verdict.Feedback, quotes, false, "")
        {
            Engine = EngineName, RubricVersion = asked.PromptVersion, PromptVersion = asked.PromptVersion, Model = asked.Model, CostUsd = asked.CostUsd,
        };
    }

    private Evaluation Caught(AnswerToScore answer, Evaluation offline, Asked asked, IReadOnlyList<string> flags)
    {
        Log.Caught(logger, answer.AnswerId, string.Join(", ", flags));
        return Fallback(offline, asked, flags);
    }

    /// <summary>The offline rubric's numbers, feedback and quotes: nothing that a model said is released.</summary>
    private static Evaluation Fallback(Evaluation offline, Asked asked, IReadOnlyList<string> flags) => offline with
    {
        NeedsHumanReview = true,
        ReviewReason = string.Join(' ', flags.Select(ScoreFlags.Explain).Append(offline.ReviewReason).Distinct()),
        PromptVersion = asked.PromptVersion,
        Model = asked.Model,
        CostUsd = asked.CostUsd,
        Flags = flags,
    };

    private readonly record struct Asked(string PromptVersion, string Model, decimal CostUsd)
    {
        public static Asked Nothing => new("", "", 0);
    }
}
