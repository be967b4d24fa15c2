using StreamPlatform.Providers;
using StreamPlatform.Streams;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.LanguageModels.Resumes;

/// <summary>Asks a language model, never faster than the provider allows; what it answers is checked against the resume before it counts.</summary>
public sealed class ProviderResumeModel : IResumeModel, IDisposable
{
    /// <summary>Answers that are not of the schema, after which there is none.</summary>
    private const int Attempts = 2;

    private readonly IChatProvider provider;
    private readonly ResumeModelOptions options;
    private readonly RequestPacer pacer;
    private readonly RequestPacer attempts;

    public ProviderResumeModel(IChatProvider provider, ResumeModelOptions options, TimeProvider time)
    {
        options.Validate();
        this.provider = provider;
        this.options = options;
        pacer = new(options.RequestsPerSecond, TimeSpan.FromMilliseconds(options.MarginMs), time);
        // Behind the provider's own queue, where calls may have bunched up and repetitions come in: rarely waits, since no more arrive than the first let through.
        attempts = new(options.RequestsPerSecond, TimeSpan.FromMilliseconds(options.MarginMs), time);
    }

    /// <summary>Calls that were let through so far.</summary>
    public long Granted => pacer.Granted;

    public string Engine => "provider";

    public string PromptVersion => ResumePrompt.Version;

    public async Task<ResumeAssessment> AssessAsync(ResumeQuestion question, CancellationToken cancellationToken)
    {
        ResumePrompt prompt = ResumePrompt.Of(question.JobText, question.ResumeText, options.MaxPromptChars);
        JobCoverage coverage = JobCoverage.Of(question.JobText, question.ResumeText);
        var context = new CallContext(question.Tenant, "", "resume", question.Bulk ? CallPriority.Low : CallPriority.Medium, RetryClass.Batch, ct => attempts.WaitAsync(urgent: !question.Bulk, ct));
        var request = new ChatRequest(
            ModelTier.Strong, prompt.System, prompt.User, ResumePrompt.SchemaName, ResumePrompt.Schema, options.MaxOutputTokens, Timeout: TimeSpan.FromMilliseconds(options.TimeoutMs));
        decimal cost = 0;
        for (int attempt = 1; attempt <= Attempts; attempt++)
        {
            await pacer.WaitAsync(urgent: !question.Bulk, cancellationToken);
            ChatAnswer answer = await AskAsync(request, context, cancellationToken);
            cost += answer.Cost.CostUsd;
            if (ResumeAnswer.Parse(answer.Text, question.ResumeText, coverage, prompt) is { } read)
            {
                return new(read.Score, read.Summary, read.Optimized, read.Evidence, read.Missing, read.Doubts.Count > 0, string.Join(' ', read.Doubts), (double)cost);
            }
        }

        throw new PoisonException($"the model's answer was not of the expected form, {Attempts} times");
    }

    public void Dispose()
    {
        pacer.Dispose();
        attempts.Dispose();
    }

    private async Task<ChatAnswer> AskAsync(ChatRequest request, CallContext context, CancellationToken cancellationToken)
    {
        try
        {
            return await provider.CompleteAsync(request, context, cancellationToken);
        }
        catch (ProviderException e)
        {
            throw e.Failure switch
            {
                ProviderFailure.Overloaded => new TransientException($"the provider has no free slot: {e.Message}", e),
                ProviderFailure.Rejected or ProviderFailure.InvalidAnswer => new PoisonException($"the provider gave no usable answer: {e.Message}", e),
                _ => new DeferredException($"the provider cannot answer now: {e.Message}", e), // its own retries are used up
            };
        }
    }
}
