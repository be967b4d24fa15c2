using System.Threading.Channels;

namespace StreamPlatform.Providers;

/// <summary>Batch mode over any chat provider.</summary>
public sealed class ChatBatch : IChatBatch
{
    private readonly IChatProvider chat;
    private readonly ChatBatchOptions options;
    private readonly TimeProvider time;
    private readonly Channel<BatchRequest> requests;
    private readonly Channel<BatchResult> results;
    private readonly CancellationTokenSource stopping = new();
    private readonly Task running;

    public ChatBatch(IChatProvider chat, ChatBatchOptions options, TimeProvider time)
    {
        options.Validate();
        this.chat = chat;
        this.options = options;
        this.time = time;
        requests = Channel.CreateBounded<BatchRequest>(options.MaxQueued);
        results = Channel.CreateBounded<BatchResult>(options.MaxQueued);
        running = RunAsync();
    }

    public async ValueTask AddAsync(BatchRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await requests.Writer.WriteAsync(request, cancellationToken);
        }
        catch (ChannelClosedException e)
        {
            throw new InvalidOperationException("the batch is complete", e);
        }
    }

    public void Complete() => requests.Writer.TryComplete();

    public IAsyncEnumerable<BatchResult> ResultsAsync(CancellationToken cancellationToken) => results.Reader.ReadAllAsync(cancellationToken);

    /// <summary>Stops at once: what is queued or under way gets no result.</summary>
    public async ValueTask DisposeAsync()
    {
        Complete();
        await stopping.CancelAsync();
        await running;
        stopping.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            await Task.WhenAll(Enumerable.Range(0, options.Workers).Select(_ => WorkAsync()));
            results.Writer.TryComplete();
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            results.Writer.TryComplete();
        }
        catch (Exception e)
        {
            requests.Writer.TryComplete(e);
            results.Writer.TryComplete(e); // a mistake in this program reaches who reads
        }
    }

    private async Task WorkAsync()
    {
        await foreach (var request in requests.Reader.ReadAllAsync(stopping.Token))
        {
            await results.Writer.WriteAsync(await AnswerAsync(request), stopping.Token);
        }
    }

    private async Task<BatchResult> AnswerAsync(BatchRequest request)
    {
        var context = new CallContext(request.Tenant, request.SessionId, request.Task, CallPriority.Low, RetryClass.Batch);
        for (var pass = 1; ; pass++)
        {
            try
            {
                return new BatchResult(request.Id, await chat.CompleteAsync(request.Request, context, stopping.Token), null);
            }
            catch (ProviderException e)
            {
                var again = e.Failure is ProviderFailure.Unavailable or ProviderFailure.BreakerOpen or ProviderFailure.RateLimited or ProviderFailure.Overloaded;
                if (!again || pass >= options.MaxPasses)
                {
                    return new BatchResult(request.Id, null, e.Failure);
                }

                await Task.Delay(e.RetryAfter > options.PassPause ? e.RetryAfter.Value : options.PassPause, time, stopping.Token);
            }
        }
    }
}
