using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace StreamPlatform.Gateway.Results;

/// <summary>
/// Reads the newest results once after the start, one by one: those are the ones people open first. It begins when news of changes come, which drop what was kept before;
/// where they do not (Kafka is away), after half a minute.
/// </summary>
public sealed class ResultsWarmUp(CachedResults results, TimeProvider time, ILogger<ResultsWarmUp> logger) : BackgroundService
{
    private const int Sessions = 50;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.WhenAny(results.Hearing, Task.Delay(LongestWait, time, stoppingToken));
            stoppingToken.ThrowIfCancellationRequested();
            foreach (var session in await results.ListSessionsAsync(new SessionPage(Sessions), stoppingToken))
            {
                await results.GetReportAsync(session.SessionId, stoppingToken);
                await results.GetResultsAsync(session.SessionId, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // the host is stopping
        }
        catch (Exception e) when (e is System.Data.Common.DbException or Streams.TransientException or TimeoutException or IOException)
        {
            Log.ResultsUnavailable(logger, e); // then it starts cold
        }
    }
}
