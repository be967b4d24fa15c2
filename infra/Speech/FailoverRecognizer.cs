using Microsoft.Extensions.Logging;
using StreamPlatform.Providers;
using StreamPlatform.Streams;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Speech;

/// <summary>
/// The first engine as long as it answers within 3 s, else the offline one: every segment is heard. The switch back comes by
/// itself: while offline one segment at a time tries the first engine again.
/// </summary>
/// <remarks>A budget that is spent, or a full queue, sends one segment to the offline engine and says nothing about the next.</remarks>
public sealed class FailoverRecognizer : ISpeechRecognizer
{
    private readonly ISpeechRecognizer? first;
    private readonly ISpeechRecognizer offline;
    private readonly EngineChoice choice;
    private readonly TimeSpan timeout;
    private readonly TimeProvider time;
    private readonly ILogger<FailoverRecognizer> logger;

    /// <param name="first">Null where none is configured: then everything is heard offline.</param>
    /// <param name="offline">Always there.</param>
    public FailoverRecognizer(ISpeechRecognizer? first, ISpeechRecognizer offline, FailoverOptions options, TimeProvider time, ILogger<FailoverRecognizer> logger)
    {
        options.Validate();
        this.first = first;
        this.offline = offline;
        choice = new(options, time);
        timeout = TimeSpan.FromMilliseconds(options.TimeoutMs);
        this.time = time;
        this.logger = logger;
    }

    /// <summary>Told each switch; must not block. True = now offline.</summary>
    public event Action<bool>? Switched;

    /// <summary>
    /// Told after each segment whether any engine heard it; must not block. False: the offline engine failed too. A segment
    /// that no engine could take says nothing.
    /// </summary>
    public event Action<bool>? Heard;

    /// <summary>The first engine is out of use.</summary>
    public bool IsOffline => first is null || choice.Offline;

    /// <summary>The engine in use now.</summary>
    public string Engine => IsOffline ? offline.Engine : first!.Engine;

    public ValueTask<RecognizedSpeech> RecognizeAsync(ReadOnlyMemory<byte> pcm16, CancellationToken cancellationToken) =>
        RecognizeAsync(pcm16, new SpeechContext("", ""), cancellationToken);

    public async ValueTask<RecognizedSpeech> RecognizeAsync(ReadOnlyMemory<byte> pcm16, SpeechContext context, CancellationToken cancellationToken)
    {
        try
        {
            RecognizedSpeech speech = (first is not null && choice.MayTry() ? await TryFirstAsync(first, pcm16, context, cancellationToken).ConfigureAwait(false) : null)
                ?? await HearAsync(offline, pcm16, context, cancellationToken).ConfigureAwait(false);
            Heard?.Invoke(true);
            return speech;
        }
        catch (Exception e) when (e is not (PoisonException or OperationCanceledException))
        {
            Heard?.Invoke(false);
            throw;
        }
    }

    /// <summary>Always the offline engine: what is only for the eye must not cost money.</summary>
    public ValueTask<RecognizedSpeech?> TryRecognizeInterimAsync(ReadOnlyMemory<byte> pcm16, CancellationToken cancellationToken) =>
        offline.TryRecognizeInterimAsync(pcm16, cancellationToken);

    /// <returns>Null when the offline engine must hear the segment.</returns>
    private async Task<RecognizedSpeech?> TryFirstAsync(ISpeechRecognizer engine, ReadOnlyMemory<byte> pcm16, SpeechContext context, CancellationToken cancellationToken)
    {
        using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<RecognizedSpeech> call = HearAsync(engine, pcm16, context, late.Token);
        try
        {
            RecognizedSpeech speech = await call.WaitAsync(timeout, time, cancellationToken).ConfigureAwait(false);
            if (choice.Succeeded())
            {
                Log.BackOnFirstEngine(logger, engine.Engine);
                SpeechMetrics.Switched(engine.Engine, "recovered");
                Switched?.Invoke(false);
            }
            return speech;
        }
        catch (TimeoutException)
        {
            Left("timeout", certain: true);
        }
        catch (ProviderException error) when (error.Failure is ProviderFailure.BudgetExhausted or ProviderFailure.Overloaded)
        {
            choice.Abandoned();
            SpeechMetrics.Fallback(Name(error.Failure));
        }
        catch (ProviderException error)
        {
            bool certain = error.Failure is ProviderFailure.BreakerOpen or ProviderFailure.QuotaExhausted or ProviderFailure.Rejected;
            Left(Name(error.Failure), certain, breaker: error.Failure == ProviderFailure.BreakerOpen);
        }
        catch
        {
            choice.Abandoned(); // cancelled, or a segment that no engine can take
            throw;
        }
        await late.CancelAsync().ConfigureAwait(false);
        _ = call.ContinueWith(late => _ = late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default); // nobody waits for it any more
        return null;
    }

    private void Left(string cause, bool certain, bool breaker = false)
    {
        SpeechMetrics.Fallback(cause);
        if (choice.Failed(certain, breaker))
        {
            Log.OnOfflineEngine(logger, offline.Engine, cause);
            SpeechMetrics.Switched(offline.Engine, cause);
            Switched?.Invoke(true);
        }
    }

    private async Task<RecognizedSpeech> HearAsync(ISpeechRecognizer engine, ReadOnlyMemory<byte> pcm16, SpeechContext context, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        string outcome = "failed";
        string name = engine.Engine;
        try
        {
            RecognizedSpeech speech = await engine.RecognizeAsync(pcm16, context, cancellationToken).ConfigureAwait(false);
            name = speech.Engine.Length > 0 ? speech.Engine : name;
            outcome = speech.Text.Length > 0 ? "words" : "nothing";
            return speech with { Engine = name };
        }
        finally
        {
            SpeechMetrics.Heard(name, outcome, time.GetElapsedTime(start), TimeSpan.FromSeconds(pcm16.Length / 32_000.0));
        }
    }

    private static string Name(ProviderFailure failure) => failure switch
    {
        ProviderFailure.Unavailable => "unavailable",
        ProviderFailure.BreakerOpen => "breaker-open",
        ProviderFailure.RateLimited => "rate-limited",
        ProviderFailure.Overloaded => "overloaded",
        ProviderFailure.QuotaExhausted => "quota-exhausted",
        ProviderFailure.BudgetExhausted => "budget-exhausted",
        ProviderFailure.Rejected => "rejected",
        _ => "invalid-answer",
    };
}
