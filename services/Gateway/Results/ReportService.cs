using Microsoft.Extensions.Logging;
using StreamPlatform.Reports;
using StreamPlatform.Reports.Pdf;

namespace StreamPlatform.Gateway.Results;

/// <summary>How far a session's report is.</summary>
public enum ReportState
{
    /// <summary>No such session.</summary>
    Unknown,

    /// <summary>The session is known, its report is not written yet.</summary>
    NotReady,

    /// <summary>It is there.</summary>
    Ready,

    /// <summary>The store did not answer.</summary>
    Unavailable,
}

/// <summary>Reports as they are served, and their PDFs: at most two are rendered at once, the others wait.</summary>
public sealed class ReportService(IResultsReader reader, ResultsService results, ILogger<ReportService> logger) : IDisposable
{
    private const int MaxRendering = 2;

    private readonly SemaphoreSlim rendering = new(MaxRendering);

    /// <summary>The newest revision of a session's report; null unless the state is <see cref="ReportState.Ready"/>.</summary>
    public async Task<(ReportState State, ReportDocument? Report)> FindAsync(string sessionId, CancellationToken cancellationToken)
    {
        try
        {
            var report = await reader.GetReportAsync(sessionId, cancellationToken);
            if (report is not null && await reader.GetResultsAsync(sessionId, cancellationToken) is { } stored)
            {
                return (ReportState.Ready, ReportComposer.Compose(report, stored));
            }
        }
        catch (Exception error) when (error is System.Data.Common.DbException or StreamPlatform.Streams.TransientException or TimeoutException or IOException && !cancellationToken.IsCancellationRequested)
        {
            Log.ResultsUnavailable(logger, error);
            return (ReportState.Unavailable, null);
        }

        return (await results.GetAsync(sessionId, cancellationToken) is null ? ReportState.Unknown : ReportState.NotReady, null);
    }

    /// <summary>The report as PDF.</summary>
    public async Task<byte[]> RenderAsync(ReportDocument report, CancellationToken cancellationToken)
    {
        await rendering.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(() => ReportPdf.Render(report), cancellationToken);
        }
        finally
        {
            rendering.Release();
        }
    }

    public void Dispose() => rendering.Dispose();
}
