using System.Text;
using Cassandra;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.EmotionSeries;

/// <summary>
/// Windows by session (one partition: 1,080 rows in three hours) and by tenant and day. The latter is cut by hour and by shard of the session id, so that a tenant with
/// 1,000 interviews at once stays at 45,000 rows per partition; a read merges the shards of an hour by (start, session).
/// </summary>
internal static class WindowTables
{
    public const string BySession = "emotion_windows_by_session";

    public const string ByDay = "emotion_windows_by_tenant_day";

    /// <summary>Shards of an hour. A constant of the tables: another number makes rows unfindable.</summary>
    public const int Shards = 8;

    public const string BySessionDefinition = Definitions + "PRIMARY KEY (session_id, start_at)";

    public const string ByDayDefinition = "day date, hour int, shard int, " + Definitions + "PRIMARY KEY ((tenant, day, hour, shard), start_at, session_id)";

    private const string Definitions = """
        session_id text, start_at timestamp, end_at timestamp, tenant text, frames_analysed int, frames_with_face int, face_ratio float, has_mean boolean,
        angry float, disgust float, fear float, happy float, sad float, surprise float, neutral float,
        dominant text, blinks int, first_sequence bigint, last_sequence bigint, frames_captured int, frames_skipped int,
        """ + " ";

    private const string Columns = """
        session_id, start_at, end_at, tenant, frames_analysed, frames_with_face, face_ratio, has_mean, angry, disgust, fear, happy, sad, surprise, neutral,
        dominant, blinks, first_sequence, last_sequence, frames_captured, frames_skipped
        """;

    private const string Marks = "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?";

    public static string InsertBySession(string keyspace) => $"INSERT INTO {keyspace}.{BySession} ({Columns}) VALUES ({Marks})";

    public static string InsertByDay(string keyspace) => $"INSERT INTO {keyspace}.{ByDay} ({Columns}, day, hour, shard) VALUES ({Marks}, ?, ?, ?)";

    public static string SelectBySession(string keyspace) => $"SELECT {Columns}, writetime(blinks) FROM {keyspace}.{BySession} WHERE session_id = ? AND start_at > ? LIMIT ?";

    public static string SelectByDay(string keyspace) => $"SELECT {Columns}, writetime(blinks) FROM {keyspace}.{ByDay} WHERE tenant = ? AND day = ? AND hour = ? AND shard = ? AND (start_at, session_id) > (?, ?) LIMIT ?";

    public static string DeleteBySession(string keyspace) => $"DELETE FROM {keyspace}.{BySession} WHERE session_id = ?";

    public static string DeleteByDay(string keyspace) => $"DELETE FROM {keyspace}.{ByDay} WHERE tenant = ? AND day = ? AND hour = ? AND shard = ? AND start_at = ? AND session_id = ?";

    /// <summary>The values of <see cref="InsertBySession"/>, in order.</summary>
    public static object?[] Values(EmotionWindow w) => [.. Shared(w)];

    /// <summary>The values of <see cref="InsertByDay"/>, in order.</summary>
    public static object?[] DayValues(EmotionWindow w)
    {
        var place = PlaceOf(w);
        return [.. Shared(w), LocalDay(place.Day), place.Hour, place.Shard];
    }

    /// <summary>The partition of a window among those of its tenant.</summary>
    public static DayPlace PlaceOf(EmotionWindow w)
    {
        var start = EmotionTable.Time(w.StartMs);
        return new(w.Tenant, DateOnly.FromDateTime(start.UtcDateTime), start.Hour, ShardOf(w.SessionId));
    }

    public static StoredWindow Read(Row r) => new(
        new EmotionWindow
        {
            SessionId = r.GetValue<string>(0),
            StartMs = EmotionTable.UnixMs(r, 1),
            EndMs = EmotionTable.UnixMs(r, 2),
            Tenant = r.GetValue<string>(3),
            FramesAnalysed = r.GetValue<int>(4),
            FramesWithFace = r.GetValue<int>(5),
            FaceRatio = r.GetValue<float>(6),
            Mean = r.GetValue<bool>(7) ? EmotionTable.Probabilities(r, 8) : null,
            Dominant = r.GetValue<string>(15),
            Blinks = r.GetValue<int>(16),
            FirstSequence = r.GetValue<long>(17),
            LastSequence = r.GetValue<long>(18),
            FramesCaptured = r.GetValue<int>(19),
            FramesSkipped = r.GetValue<int>(20),
        },
        r.GetValue<long>(21) / 1000); // microseconds

    public static LocalDate LocalDay(DateOnly day) => new(day.Year, day.Month, day.Day);

    /// <summary>FNV-1a (32 bits) of the id's UTF-8: the same on every instance and for ever.</summary>
    public static int ShardOf(string sessionId)
    {
        var hash = 2_166_136_261u;
        foreach (var octet in Encoding.UTF8.GetBytes(sessionId))
        {
            hash = (hash ^ octet) * 16_777_619u;
        }

        return (int)(hash % Shards);
    }

    private static object?[] Shared(EmotionWindow w) =>
    [
        w.SessionId, EmotionTable.Time(w.StartMs), EmotionTable.Time(w.EndMs), w.Tenant, w.FramesAnalysed, w.FramesWithFace, w.FaceRatio, w.Mean is not null,
        EmotionTable.Real(w.Mean?.Angry), EmotionTable.Real(w.Mean?.Disgust), EmotionTable.Real(w.Mean?.Fear), EmotionTable.Real(w.Mean?.Happy),
        EmotionTable.Real(w.Mean?.Sad), EmotionTable.Real(w.Mean?.Surprise), EmotionTable.Real(w.Mean?.Neutral),
        w.Dominant, w.Blinks, w.FirstSequence, w.LastSequence, w.FramesCaptured, w.FramesSkipped,
    ];
}

/// <summary>A partition of <see cref="WindowTables.ByDay"/>.</summary>
internal readonly record struct DayPlace(string Tenant, DateOnly Day, int Hour, int Shard);
