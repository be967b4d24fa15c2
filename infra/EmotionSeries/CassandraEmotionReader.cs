using System.Runtime.CompilerServices;
using Cassandra;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.EmotionSeries;

/// <summary>Reads of the series: each request names one partition and at most a page of its rows.</summary>
internal sealed class CassandraEmotionReader(SeriesRequests requests, SeriesStatements statements) : IEmotionSeriesReader
{
    private const string What = "a query";
    private const int HoursOfDay = 24;

    // 8 million rows: more than any session has, and a bound for one that pretends to.
    private const int BucketsPerPage = 1000;

    public string Name => CassandraEmotionStore.StoreName;

    public async Task<IReadOnlyList<EmotionObserved>> ReadEmotionsAsync(string sessionId, long afterSequence, int limit, CancellationToken cancellationToken)
    {
        limit = EmotionPages.ClampLimit(limit);
        var rows = new List<EmotionObserved>();
        await foreach (var page in BucketPagesAsync(sessionId, EmotionTable.BucketOf(afterSequence), cancellationToken).ConfigureAwait(false))
        {
            foreach (var bucket in page)
            {
                var found = await requests.ReadAsync(What, statements.SelectEmotions, cancellationToken, sessionId, bucket, afterSequence, limit - rows.Count).ConfigureAwait(false);
                rows.AddRange(found.Select(EmotionTable.Read));
                if (rows.Count == limit)
                {
                    return rows;
                }
            }
        }

        return rows;
    }

    public async Task<long> CountEmotionsAsync(string sessionId, CancellationToken cancellationToken)
    {
        var count = 0L;
        await foreach (var page in BucketPagesAsync(sessionId, long.MinValue, cancellationToken).ConfigureAwait(false))
        {
            foreach (var bucket in page)
            {
                count += (await requests.ReadAsync(What, statements.CountEmotions, cancellationToken, sessionId, bucket).ConfigureAwait(false))[0].GetValue<long>(0);
            }
        }

        return count;
    }

    public async Task<IReadOnlyList<StoredWindow>> ReadWindowsAsync(string sessionId, long afterStartMs, int limit, CancellationToken cancellationToken)
    {
        var found = await requests.ReadAsync(What, statements.SelectWindows, cancellationToken, sessionId, After(afterStartMs), EmotionPages.ClampLimit(limit)).ConfigureAwait(false);
        return [.. found.Select(WindowTables.Read)];
    }

    public async Task<IReadOnlyList<StoredWindow>> ReadDayAsync(string tenant, DateOnly day, WindowPosition? after, int limit, CancellationToken cancellationToken)
    {
        limit = EmotionPages.ClampLimit(limit);
        var first = after is null ? 0 : EmotionTable.Time(after.StartMs).Hour;
        for (var hour = first; hour < HoursOfDay; hour++)
        {
            var page = await ReadHourAsync(tenant, day, hour, hour == first ? after : null, limit, cancellationToken).ConfigureAwait(false);
            if (page.Count > 0)
            {
                return page;
            }
        }

        return [];
    }

    /// <summary>All windows of a session, page by page.</summary>
    public async IAsyncEnumerable<IReadOnlyList<StoredWindow>> WindowPagesAsync(string sessionId, [EnumeratorCancellation] CancellationToken ct)
    {
        for (var after = EmotionPages.Beginning; await ReadWindowsAsync(sessionId, after, EmotionPages.MaxPage, ct).ConfigureAwait(false) is { Count: > 0 } page;)
        {
            yield return page;
            after = page[^1].Window.StartMs;
        }
    }

    /// <summary>The buckets of a session from one on, page by page.</summary>
    public async IAsyncEnumerable<IReadOnlyList<long>> BucketPagesAsync(string sessionId, long from, [EnumeratorCancellation] CancellationToken ct)
    {
        while (true)
        {
            var rows = await requests.ReadAsync(What, statements.SelectBuckets, ct, sessionId, from, BucketsPerPage).ConfigureAwait(false);
            long[] page = [.. rows.Select(row => row.GetValue<long>(0))];
            yield return page;
            if (page.Length < BucketsPerPage)
            {
                yield break;
            }

            from = page[^1] + 1; // a bucket is a sequence without its last bits: never the largest number
        }
    }

    // Each shard gives its share and some more. Behind the last row of a shard that was cut off lie rows that belong before what other shards gave: those wait for the next page.
    private async Task<IReadOnlyList<StoredWindow>> ReadHourAsync(string tenant, DateOnly day, int hour, WindowPosition? after, int limit, CancellationToken ct)
    {
        var share = Math.Min(limit, (limit / WindowTables.Shards * 2) + 16);
        var localDay = WindowTables.LocalDay(day);
        var (start, session) = after is null ? (After(EmotionPages.Beginning), "") : (EmotionTable.Time(after.StartMs), after.SessionId);
        var shards = await Task.WhenAll(Enumerable.Range(0, WindowTables.Shards).Select(async shard =>
        {
            var rows = await requests.ReadAsync(What, statements.SelectDay, ct, tenant, localDay, hour, shard, start, session, share).ConfigureAwait(false);
            return rows.Select(WindowTables.Read).ToList();
        })).ConfigureAwait(false);

        var cut = shards.Where(rows => rows.Count == share).Select(rows => rows[^1].Position).Order(ByPosition).FirstOrDefault();
        return [.. shards.SelectMany(rows => rows).Where(row => cut is null || ByPosition.Compare(row.Position, cut) <= 0).OrderBy(row => row.Position, ByPosition).Take(limit)];
    }

    // Nothing starts before 1970, so a millisecond before it is before all.
    private static DateTimeOffset After(long unixMs) => unixMs < 0 ? DateTimeOffset.FromUnixTimeMilliseconds(-1) : EmotionTable.Time(unixMs);

    private static readonly Comparer<WindowPosition> ByPosition = Comparer<WindowPosition>.Create((a, b) =>
        a.StartMs != b.StartMs ? a.StartMs.CompareTo(b.StartMs) : CodePoints.Compare(a.SessionId, b.SessionId));
}
