using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Topology.Ports;

/// <summary>
/// Emotion time series: one row per analysed frame, one per window of 10 s. Writes are idempotent by (session, sequence) and (session, window start):
/// a row written again replaces the one before, the last one of a batch wins. Times outside 1970 to 9999 are stored at the nearer end.
/// </summary>
public interface IEmotionSeriesStore
{
    /// <summary>Name as shown to users: "postgres" or "cassandra".</summary>
    string Name { get; }

    /// <exception cref="Streams.TransientException">The store cannot take them now; writing the batch again is harmless.</exception>
    ValueTask WriteEmotionsAsync(IReadOnlyList<EmotionObserved> batch, CancellationToken cancellationToken);

    /// <exception cref="Streams.TransientException">The store cannot take them now; writing the batch again is harmless.</exception>
    ValueTask WriteWindowsAsync(IReadOnlyList<EmotionWindow> batch, CancellationToken cancellationToken);

    /// <summary>Deletes all rows of a session. Idempotent, and finished by being repeated when it failed half-way. A record written later is stored again.</summary>
    /// <exception cref="Streams.TransientException">The store cannot be asked now.</exception>
    Task DeleteSessionAsync(string sessionId, CancellationToken cancellationToken);
}

/// <summary>
/// Reads of the series. Every query names one session, or one tenant and day, and returns at most <see cref="EmotionPages.MaxPage"/> rows that follow a position:
/// the position of a page's last row gives the next page, an empty page is the end. Limits outside 1 to that are moved to the nearer end.
/// </summary>
public interface IEmotionSeriesReader
{
    /// <summary>Name as shown to users: "postgres" or "cassandra".</summary>
    string Name { get; }

    /// <summary>Rows of a session with a sequence above <paramref name="afterSequence"/> (first page: <see cref="EmotionPages.Beginning"/>), by sequence.</summary>
    /// <exception cref="Streams.TransientException">The store cannot be asked now.</exception>
    Task<IReadOnlyList<EmotionObserved>> ReadEmotionsAsync(string sessionId, long afterSequence, int limit, CancellationToken cancellationToken);

    /// <summary>How many rows of a session are stored: its analysed frames.</summary>
    /// <exception cref="Streams.TransientException">The store cannot be asked now.</exception>
    Task<long> CountEmotionsAsync(string sessionId, CancellationToken cancellationToken);

    /// <summary>Windows of a session that start after <paramref name="afterStartMs"/> (first page: <see cref="EmotionPages.Beginning"/>), by their start.</summary>
    /// <exception cref="Streams.TransientException">The store cannot be asked now.</exception>
    Task<IReadOnlyList<StoredWindow>> ReadWindowsAsync(string sessionId, long afterStartMs, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Windows of all sessions of a tenant that start on a day (UTC), by (start, session id by code points), from behind <paramref name="after"/> (null = the day's first).
    /// A page may hold fewer rows than the limit with more to come; only an empty one is the end.
    /// </summary>
    /// <exception cref="Streams.TransientException">The store cannot be asked now.</exception>
    Task<IReadOnlyList<StoredWindow>> ReadDayAsync(string tenant, DateOnly day, WindowPosition? after, int limit, CancellationToken cancellationToken);
}

/// <param name="Window">As it was written.</param>
/// <param name="StoredAtMs">When its row was first written, Unix milliseconds by the store's clock; of a row written again on Cassandra: when it was written last.</param>
public sealed record StoredWindow(EmotionWindow Window, long StoredAtMs)
{
    /// <summary>Where the next page of a day goes on.</summary>
    public WindowPosition Position => new(Window.StartMs, Window.SessionId);
}

/// <summary>A window's place among those of its tenant and day.</summary>
public sealed record WindowPosition(long StartMs, string SessionId);
