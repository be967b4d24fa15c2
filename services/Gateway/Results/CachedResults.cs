using System.Text.Json;
using System.Text.Json.Serialization;
using Google.Protobuf;
using StreamPlatform.Postgres.Replica;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Caching;

namespace StreamPlatform.Gateway.Results;

/// <summary>Results of interviews that have a report, kept for an hour or until a row of theirs changes (cache-aside). Those without are read anew each time, once for all who ask at once.</summary>
public sealed class CachedResults : IResultsReader, IDisposable
{
    private static readonly JsonSerializerOptions Json = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, Converters = { new PackedWindows() } };

    private readonly IResultsReader stored;
    private readonly TieredCache<InterviewResults> results;
    private readonly TieredCache<InterviewReport> reports;
    private readonly NewsTimes news;
    private readonly TaskCompletionSource hearing = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public CachedResults(IResultsReader stored, ICacheTier tier, TimeProvider time)
    {
        this.stored = stored;
        news = new(time);
        results = new(CachePolicy.Results, tier, value => JsonSerializer.SerializeToUtf8Bytes(value, Json), ReadResults, time, value => value.Report is not null ? CachePolicy.Results.Lifetime : TimeSpan.Zero);
        reports = new(CachePolicy.Reports, tier, value => value.ToByteArray(), ReadReport, time);
    }

    /// <summary>Completes when news of changes have begun to come (<see cref="ForgetHere"/>): what is kept from then on stays.</summary>
    public Task Hearing => hearing.Task;

    // one query of the newest: an index gives it, and every start of a session would invalidate it
    public Task<IReadOnlyList<SessionRow>> ListSessionsAsync(SessionPage page, CancellationToken cancellationToken) => stored.ListSessionsAsync(page, cancellationToken);

    public Task<InterviewResults?> GetResultsAsync(string sessionId, CancellationToken cancellationToken) =>
        results.GetAsync(sessionId, ct => FreshAsync(sessionId, () => stored.GetResultsAsync(sessionId, ct)), cancellationToken);

    public async Task<InterviewReport?> GetReportAsync(string sessionId, CancellationToken cancellationToken) =>
        (await reports.GetAsync(sessionId, ct => FreshAsync(sessionId, () => stored.GetReportAsync(sessionId, ct)), cancellationToken))?.Clone();

    /// <summary>A row of the session has changed.</summary>
    public async Task InvalidateAsync(string sessionId, CancellationToken cancellationToken)
    {
        news.Heard(sessionId);
        await results.InvalidateAsync(sessionId, cancellationToken);
        await reports.InvalidateAsync(sessionId, cancellationToken);
    }

    /// <summary>News may have been missed: what this process keeps goes.</summary>
    public void ForgetHere()
    {
        news.HeardOfAll();
        results.ForgetHere();
        reports.ForgetHere();
        hearing.TrySetResult();
    }

    public void Dispose()
    {
        results.Dispose();
        reports.Dispose();
    }

    private async Task<TValue?> FreshAsync<TValue>(string sessionId, Func<Task<TValue?>> read)
    {
        using (ReadScope.Enter(Math.Max(ReadScope.AsOfMs, news.Of(sessionId))))
        {
            return await read();
        }
    }

    private static InterviewResults ReadResults(byte[] bytes)
    {
        try
        {
            return JsonSerializer.Deserialize<InterviewResults>(bytes, Json) ?? throw new InvalidDataException("nothing");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException("not of this version", e);
        }
    }

    private static InterviewReport ReadReport(byte[] bytes)
    {
        try
        {
            return InterviewReport.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InvalidDataException("not of this version", e);
        }
    }
}
