using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace StreamPlatform.Gateway.Results;

/// <summary>Reads the newest results once after the start, one by one: those are the ones people open first.</summary>
public sealed class ResultsWarmUp(CachedResults results, ILogger<ResultsWarmUp> logger) : BackgroundService
{
    private const int Sessions = 50;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
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
