using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.EmotionSeries;

/// <summary>
/// The emotion series in Cassandra, writing side. Rows of one partition go in one request; no transaction spans requests: a batch that failed half-way is written again,
/// which changes nothing of what is there.
/// </summary>
internal sealed class CassandraEmotionStore(SeriesRequests requests, SeriesStatements statements, CassandraEmotionReader reader) : IEmotionSeriesStore
{
    public const string StoreName = "cassandra";

    private readonly EmotionBuckets _buckets = new();

    public string Name => StoreName;

    public async ValueTask WriteEmotionsAsync(IReadOnlyList<EmotionObserved> batch, CancellationToken cancellationToken)
    {
        var rows = LastOfEach(batch, e => (e.SessionId, e.Sequence));
        var unknown = rows.Select(Bucket).Distinct().Where(bucket => !_buckets.IsWritten(bucket.Session, bucket.Number)).ToArray();
        if (unknown.Length > 0)
        {
            // Before the rows: a row whose bucket is not listed would never be found.
            await requests.WriteAsync("emotions", unknown.Select(bucket => statements.InsertBucket.Bind(bucket.Session, bucket.Number)), cancellationToken).ConfigureAwait(false);
            foreach (var (session, number) in unknown)
            {
                _buckets.Remember(session, number);
            }
        }

        await requests.WriteAsync("emotions", requests.Batches(statements.InsertEmotion, rows, Bucket, EmotionTable.Values), cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask WriteWindowsAsync(IReadOnlyList<EmotionWindow> batch, CancellationToken cancellationToken)
    {
        var rows = LastOfEach(batch, w => (w.SessionId, EmotionPages.ClampMs(w.StartMs)));
        await requests.WriteAsync(
            "emotion windows",
            requests.Batches(statements.InsertWindow, rows, w => w.SessionId, WindowTables.Values)
                .Concat(requests.Batches(statements.InsertDayWindow, rows, WindowTables.PlaceOf, WindowTables.DayValues)),
            cancellationToken).ConfigureAwait(false);
    }

    // The windows of a session lead to its rows among those of the day, so they go last; the buckets stay (EmotionBuckets).
    public async Task DeleteSessionAsync(string sessionId, CancellationToken cancellationToken)
    {
        const string What = "a deletion";
        await foreach (var page in reader.WindowPagesAsync(sessionId, cancellationToken).ConfigureAwait(false))
        {
            await requests.WriteAsync(What, requests.Batches(statements.DeleteDayWindow, page.Select(stored => stored.Window), WindowTables.PlaceOf, DayKey), cancellationToken).ConfigureAwait(false);
        }

        await requests.WriteAsync(What, [statements.DeleteWindows.Bind(sessionId)], cancellationToken).ConfigureAwait(false);
        await foreach (var page in reader.BucketPagesAsync(sessionId, long.MinValue, cancellationToken).ConfigureAwait(false))
        {
            await requests.WriteAsync(What, page.Select(bucket => statements.DeleteEmotions.Bind(sessionId, bucket)), cancellationToken).ConfigureAwait(false);
        }
    }

    private static (string Session, long Number) Bucket(EmotionObserved e) => (e.SessionId, EmotionTable.BucketOf(e.Sequence));

    private static object?[] DayKey(EmotionWindow w)
    {
        var place = WindowTables.PlaceOf(w);
        return [place.Tenant, WindowTables.LocalDay(place.Day), place.Hour, place.Shard, EmotionTable.Time(w.StartMs), w.SessionId];
    }

    // Requests go side by side: what is written twice in one batch would end as either.
    private static IReadOnlyCollection<T> LastOfEach<T, TKey>(IReadOnlyList<T> batch, Func<T, TKey> key)
        where TKey : notnull
    {
        var last = new Dictionary<TKey, T>(batch.Count);
        foreach (var row in batch)
        {
            last[key(row)] = row;
        }

        return last.Count == batch.Count ? batch : last.Values;
    }
}
