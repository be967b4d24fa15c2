using Cassandra;

namespace StreamPlatform.EmotionSeries;

/// <summary>
/// Every statement of the series, prepared. All are idempotent: each writes, deletes or reads by full keys. Each names its keyspace: a node prepares again at its start what
/// it knew before, in no keyspace, and logs an error for each statement whose table it cannot find.
/// </summary>
internal sealed class SeriesStatements
{
    private SeriesStatements()
    {
    }

    public required PreparedStatement InsertEmotion { get; init; }

    public required PreparedStatement SelectEmotions { get; init; }

    public required PreparedStatement CountEmotions { get; init; }

    public required PreparedStatement DeleteEmotions { get; init; }

    public required PreparedStatement InsertBucket { get; init; }

    public required PreparedStatement SelectBuckets { get; init; }

    public required PreparedStatement InsertWindow { get; init; }

    public required PreparedStatement SelectWindows { get; init; }

    public required PreparedStatement DeleteWindows { get; init; }

    public required PreparedStatement InsertDayWindow { get; init; }

    public required PreparedStatement SelectDay { get; init; }

    public required PreparedStatement DeleteDayWindow { get; init; }

    /// <param name="session">In any keyspace, or in none.</param>
    /// <param name="keyspace">That of the tables.</param>
    public static async Task<SeriesStatements> PrepareAsync(ISession session, string keyspace)
    {
        return new()
        {
            InsertEmotion = await Prepared(EmotionTable.Insert(keyspace)).ConfigureAwait(false),
            SelectEmotions = await Prepared(EmotionTable.SelectPage(keyspace)).ConfigureAwait(false),
            CountEmotions = await Prepared(EmotionTable.Count(keyspace)).ConfigureAwait(false),
            DeleteEmotions = await Prepared(EmotionTable.Delete(keyspace)).ConfigureAwait(false),
            InsertBucket = await Prepared(EmotionBuckets.Insert(keyspace)).ConfigureAwait(false),
            SelectBuckets = await Prepared(EmotionBuckets.SelectPage(keyspace)).ConfigureAwait(false),
            InsertWindow = await Prepared(WindowTables.InsertBySession(keyspace)).ConfigureAwait(false),
            SelectWindows = await Prepared(WindowTables.SelectBySession(keyspace)).ConfigureAwait(false),
            DeleteWindows = await Prepared(WindowTables.DeleteBySession(keyspace)).ConfigureAwait(false),
            InsertDayWindow = await Prepared(WindowTables.InsertByDay(keyspace)).ConfigureAwait(false),
            SelectDay = await Prepared(WindowTables.SelectByDay(keyspace)).ConfigureAwait(false),
            DeleteDayWindow = await Prepared(WindowTables.DeleteByDay(keyspace)).ConfigureAwait(false),
        };

        async Task<PreparedStatement> Prepared(string cql) =>
            (await session.PrepareAsync(cql).ConfigureAwait(false)).SetIdempotence(true).SetConsistencyLevel(ConsistencyLevel.LocalQuorum);
    }
}
