using Microsoft.Extensions.Logging;
using StreamPlatform.Gateway.Capture;
using StreamPlatform.Gateway.Sessions;
using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Gateway.Results;

/// <summary>What is stored, completed by what is in memory: the store lags a little behind the topics.</summary>
public sealed class ResultsService(IResultsReader reader, SessionDirectory directory, ILogger<ResultsService> logger)
{
    public const int MaxList = 500;

    /// <summary>A page of sessions, newest first.</summary>
    public async Task<IReadOnlyList<SessionRow>> ListAsync(SessionPage page, CancellationToken cancellationToken)
    {
        var stored = await OrElseAsync(() => reader.ListSessionsAsync(page, cancellationToken), [], cancellationToken);
        var rows = stored.ToDictionary(r => r.SessionId);
        foreach (var session in directory.All)
        {
            // what is in memory is newer: it may have left the page
            var row = Row(session.State);
            rows.Remove(row.SessionId);
            if (Holds(page, row))
            {
                rows[row.SessionId] = row;
            }
        }

        return [.. rows.Values.OrderByDescending(r => r.CreatedAtMs).ThenByDescending(r => r.SessionId, StringComparer.Ordinal).Take(page.Limit)];
    }

    /// <summary>Results of a session; null when it is neither stored nor in memory.</summary>
    public async Task<InterviewResults?> GetAsync(string sessionId, CancellationToken cancellationToken)
    {
        var stored = await OrElseAsync(() => reader.GetResultsAsync(sessionId, cancellationToken), null, cancellationToken);
        var known = directory.Find(sessionId);
        return known is null ? stored
            : stored is null ? new(Row(known.State), [], [], [], [], [], 0, "", null)
            : stored with { Session = Row(known.State) };
    }

    private static bool Holds(SessionPage page, SessionRow row) =>
        (page.Status.Length == 0 || page.Status == row.Status)
        && (page.BeforeMs is not { } before || row.CreatedAtMs < before || (row.CreatedAtMs == before && string.CompareOrdinal(row.SessionId, page.BeforeId) < 0));

    private static SessionRow Row(SessionState s) => new(
        s.SessionId, s.Tenant, s.CandidateId, s.CandidateName, s.Position, s.Jurisdiction, ServerMessages.Status(s.Status), s.QuestionIndex,
        s.Questions.Count, s.CreatedAtMs, s.UpdatedAtMs);

    private async Task<T> OrElseAsync<T>(Func<Task<T>> read, T otherwise, CancellationToken cancellationToken)
    {
        try
        {
            return await read();
        }
        catch (Exception error) when (error is System.Data.Common.DbException or TimeoutException or IOException && !cancellationToken.IsCancellationRequested)
        {
            Log.ResultsUnavailable(logger, error);
            return otherwise;
        }
    }
}
