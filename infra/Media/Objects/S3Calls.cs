using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using Polly;
using Polly.CircuitBreaker;

namespace StreamPlatform.Media.Objects;

/// <summary>Every call to the bucket: retried by the client, behind a breaker, its failures told once and without what it carried.</summary>
internal sealed class S3Calls
{
    private readonly ResiliencePipeline pipeline;

    public S3Calls(S3Options options, TimeProvider time) =>
        pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                FailureRatio = 0.5,
                MinimumThroughput = 5,
                SamplingDuration = TimeSpan.FromSeconds(30),
                BreakDuration = TimeSpan.FromSeconds(options.OpenSeconds),
                ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome.Exception is { } error && IsOutage(error)),
            })
            .Build();

    /// <exception cref="IOException">The store did not do it, after its retries, or the breaker is open.</exception>
    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await pipeline.ExecuteAsync(async ct => await call(ct).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }
        catch (BrokenCircuitException e)
        {
            throw new IOException("the object store has failed repeatedly and is left alone for a while", e);
        }
        catch (AmazonServiceException e)
        {
            throw new IOException($"the object store answered {(int)e.StatusCode} {e.ErrorCode}", e);
        }
        catch (Exception e) when (e is AmazonClientException or HttpRequestException or WebException or TimeoutException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new IOException("the object store did not answer", e);
        }
    }

    /// <summary>Null when what is asked for is not there.</summary>
    /// <exception cref="IOException">The store cannot be asked.</exception>
    public async Task<T?> FindAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await RunAsync(call, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException e) when (e.InnerException is AmazonS3Exception { StatusCode: HttpStatusCode.NotFound } answer && answer.ErrorCode != "NoSuchBucket")
        {
            return null;
        }
    }

    private static bool IsOutage(Exception error) => error switch
    {
        AmazonServiceException service => (int)service.StatusCode is 0 or 429 or (>= 500 and not 501),
        _ => true,
    };
}
