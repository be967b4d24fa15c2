using System.Collections.Concurrent;

namespace StreamPlatform.EmotionSeries;

/// <summary>
/// Which buckets a session has. Its row is written before the first row of its bucket, and stays when the session is deleted: it holds no more than the session's id,
/// and other instances, which have written it once, would not write it again.
/// </summary>
internal sealed class EmotionBuckets
{
    public const string Name = "emotion_buckets_by_session";

    public const string Definition = "session_id text, bucket bigint, PRIMARY KEY (session_id, bucket)";

    public static string Insert(string keyspace) => $"INSERT INTO {keyspace}.{Name} (session_id, bucket) VALUES (?, ?)";

    public static string SelectPage(string keyspace) => $"SELECT bucket FROM {keyspace}.{Name} WHERE session_id = ? AND bucket >= ? LIMIT ?";

    // About 100 bytes each. Over it all are forgotten and written again: one small row each.
    private const int MaxRemembered = 50_000;

    private readonly ConcurrentDictionary<(string Session, long Bucket), byte> _written = new();
    private int _remembered;

    public bool IsWritten(string session, long bucket) => _written.ContainsKey((session, bucket));

    public void Remember(string session, long bucket)
    {
        if (_written.TryAdd((session, bucket), 0) && Interlocked.Increment(ref _remembered) > MaxRemembered)
        {
            _written.Clear();
            Interlocked.Exchange(ref _remembered, 0);
        }
    }
}
