using Cassandra;

namespace StreamPlatform.EmotionSeries;

/// <summary>Every statement of the series, prepared. All are idempotent: each writes, deletes or reads by full keys.</summary>
internal sealed class SeriesStatements
{
    private SeriesStatements(IReadOnlyDictionary<string, PreparedStatement> prepared)
    {
        InsertEmotion = prepared[EmotionTable.Insert];
        SelectEmotions = prepared[EmotionTable.SelectPage];
        CountEmotions = prepared[EmotionTable.Count];
        DeleteEmotions = prepared[EmotionTable.Delete];
        InsertBucket = prepared[EmotionBuckets.Insert];
        SelectBuckets = prepared[EmotionBuckets.SelectPage];
        InsertWindow = prepared[WindowTables.InsertBySession];
        SelectWindows = prepared[WindowTables.SelectBySession];
        DeleteWindows = prepared[WindowTables.DeleteBySession];
        InsertDayWindow = prepared[WindowTables.InsertByDay];
        SelectDay = prepared[WindowTables.SelectByDay];
        DeleteDayWindow = prepared[WindowTables.DeleteByDay];
    }

    public PreparedStatement InsertEmotion { get; }

    public PreparedStatement SelectEmotions { get; }

    public PreparedStatement CountEmotions { get; }

    public PreparedStatement DeleteEmotions { get; }

    public PreparedStatement InsertBucket { get; }

    public PreparedStatement SelectBuckets { get; }

    public PreparedStatement InsertWindow { get; }

    public PreparedStatement SelectWindows { get; }

    public PreparedStatement DeleteWindows { get; }

    public PreparedStatement InsertDayWindow { get; }

    public PreparedStatement SelectDay { get; }

    public PreparedStatement DeleteDayWindow { get; }

    public static async Task<SeriesStatements> PrepareAsync(ISession session)
    {
        var prepared = new Dictionary<string, PreparedStatement>(StringComparer.Ordinal);
        foreach (var cql in new[]
        {
            EmotionTable.Insert, EmotionTable.SelectPage, EmotionTable.Count, EmotionTable.Delete, EmotionBuckets.Insert, EmotionBuckets.SelectPage,
            WindowTables.InsertBySession, WindowTables.SelectBySession, WindowTables.DeleteBySession, WindowTables.InsertByDay, WindowTables.SelectByDay, WindowTables.DeleteByDay,
        })
        {
            prepared[cql] = (await session.PrepareAsync(cql).ConfigureAwait(false)).SetIdempotence(true).SetConsistencyLevel(ConsistencyLevel.LocalQuorum);
        }

        return new(prepared);
    }
}
