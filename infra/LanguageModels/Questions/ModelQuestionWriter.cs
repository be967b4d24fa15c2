using StreamPlatform.Providers;
using StreamPlatform.Topology.Caching;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.LanguageModels.Questions;

/// <summary>
/// Questions by a language model (the cheap one), checked by rules that do not depend on it. Equal briefs share one call while it is under way and its question
/// for an hour after, of all instances when they share a cache; a provider that gives no answer is asked again with the next brief, its breaker bounds how often.
/// </summary>
public sealed class ModelQuestionWriter : IQuestionWriter, IDisposable
{
    private const int MaxOutputTokens = 600;

    private readonly IChatProvider chat;
    private readonly QuestionWriterOptions options;
    private readonly TimeProvider time;
    private readonly TieredCache<WrittenQuestion> cache;
    private readonly SemaphoreSlim followUps;

    /// <param name="chat">Writes.</param>
    /// <param name="options">Lifetimes and bounds.</param>
    /// <param name="tier">Shares questions among instances.</param>
    /// <param name="time">Clock.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public ModelQuestionWriter(IChatProvider chat, QuestionWriterOptions options, ICacheTier tier, TimeProvider time)
    {
        options.Validate();
        this.chat = chat;
        this.options = options;
        this.time = time;
        cache = new(options.Cache, tier, QuestionBytes.Write, QuestionBytes.Read, time, LifetimeOf);
        followUps = new(options.MaxCalls, options.MaxCalls);
    }

    public async Task<WrittenQuestion> WriteAsync(QuestionBrief brief, CancellationToken cancellationToken)
    {
        var (written, use) = await cache.TryGetAsync(QuestionKey.Of(brief), async stopping => await GenerateAsync(brief, stopping), cancellationToken);
        var outcome = (written, use) switch
        {
            (null, _) => QuestionOutcomes.Overloaded,
            ({ Question: null }, _) => written.Outcome,
            (_, CacheUse.Kept or CacheUse.Remote) => QuestionOutcomes.Cached,
            (_, CacheUse.Shared) => QuestionOutcomes.Shared,
            _ => QuestionOutcomes.Generated,
        };
        QuestionMetrics.Requested("question", outcome);
        return new(written?.Question?.Clone(), outcome);
    }

    public async Task<WrittenQuestion> FollowUpAsync(FollowUpBrief brief, CancellationToken cancellationToken)
    {
        if (brief.Answer.Trim().Length < options.MinAnswerChars)
        {
            return new(null, QuestionOutcomes.NotNeeded);
        }

        if (!await followUps.WaitAsync(0, cancellationToken))
        {
            QuestionMetrics.Requested("follow-up", QuestionOutcomes.Overloaded);
            return new(null, QuestionOutcomes.Overloaded);
        }

        try
        {
            var written = await AskAsync(
                "follow-up", brief.Tenant, brief.SessionId,
                new ChatRequest(
                    ModelTier.Cheap, QuestionPrompts.System(QuestionPrompts.FollowUpTask), QuestionPrompts.Material(brief, options.MaxAnswerChars),
                    QuestionPrompts.FollowUpSchemaName, QuestionPrompts.FollowUpSchema, MaxOutputTokens, Timeout: TimeSpan.FromMilliseconds(options.AttemptMs)),
                (answer, source) => ReadQuestion.FollowUp(answer, brief, source), cancellationToken);
            QuestionMetrics.Requested("follow-up", written.Outcome);
            return written;
        }
        finally
        {
            followUps.Release();
        }
    }

    public void Dispose()
    {
        cache.Dispose();
        followUps.Dispose();
    }

    // what may not be asked is remembered for a short while, so that a stubborn model costs one call a minute and not one a candidate
    private TimeSpan LifetimeOf(WrittenQuestion written) => TimeSpan.FromMilliseconds(
        written.Question is not null ? options.LifetimeMs : written.Outcome == QuestionOutcomes.Rejected ? options.RejectedLifetimeMs : 0);

    private Task<WrittenQuestion> GenerateAsync(QuestionBrief brief, CancellationToken cancellationToken) => AskAsync(
        "question", brief.Tenant, brief.SessionId,
        new ChatRequest(
            ModelTier.Cheap, QuestionPrompts.System(QuestionPrompts.QuestionTask), QuestionPrompts.Material(brief),
            QuestionPrompts.QuestionSchemaName, QuestionPrompts.QuestionSchema, MaxOutputTokens, Timeout: TimeSpan.FromMilliseconds(options.AttemptMs)),
        ReadQuestion.Generated, cancellationToken);

    private async Task<WrittenQuestion> AskAsync(
        string task, string tenant, string sessionId, ChatRequest request, Func<string, string, ReadQuestion> read, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var context = new CallContext(tenant, sessionId, task, CallPriority.High, RetryClass.Live);
        try
        {
            for (var attempt = 1; attempt <= options.Attempts; attempt++)
            {
                var answer = await chat.CompleteAsync(request, context, cancellationToken);
                var result = read(answer.Text, $"{answer.Cost.Model} {QuestionPrompts.Version}");
                if (result.Fault is null)
                {
                    return new(result.Question, result.Question is null ? QuestionOutcomes.NotNeeded : QuestionOutcomes.Generated);
                }

                QuestionMetrics.Rejected(result.Fault);
            }

            return new(null, QuestionOutcomes.Rejected);
        }
        catch (ProviderException)
        {
            return new(null, QuestionOutcomes.Unavailable);
        }
        finally
        {
            QuestionMetrics.Took(task, time.GetElapsedTime(started));
        }
    }
}
