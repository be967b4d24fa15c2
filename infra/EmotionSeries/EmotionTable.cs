using Cassandra;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.EmotionSeries;

/// <summary>
/// Observations of a session. A partition holds at most <see cref="RowsPerPartition"/> rows whatever the frame rate: at 2 frames/s 68 minutes.
/// No value is ever written as null: nulls would be tombstones, which reads pay for. <c>present</c> says which groups of columns hold.
/// </summary>
internal static class EmotionTable
{
    public const string Name = "emotions_by_session";

    /// <summary>Sequences of one bucket: a power of two.</summary>
    public const int RowsPerPartition = 1 << BucketBits;

    public const string Definition = """
        session_id text, bucket bigint, sequence bigint, captured_at timestamp, tenant text, question_index int, face_count int, present int,
        face_left float, face_top float, face_width float, face_height float, face_confidence float,
        angry float, disgust float, fear float, happy float, sad float, surprise float, neutral float,
        dominant text, eye_openness float, eyes_closed boolean, model_version text, analysed_at timestamp,
        quality int, extra_faces int, track int, emotion_unreliable boolean, closure_began boolean, yaw_degrees float, luminance float, sharpness float, sampling_level int, not_computed int,
        PRIMARY KEY ((session_id, bucket), sequence)
        """;

    private const int BucketBits = 13;
    private const int HasFace = 1;
    private const int HasProbabilities = 2;

    private const string Columns = """
        session_id, bucket, sequence, captured_at, tenant, question_index, face_count, present,
        face_left, face_top, face_width, face_height, face_confidence, angry, disgust, fear, happy, sad, surprise, neutral,
        dominant, eye_openness, eyes_closed, model_version, analysed_at,
        quality, extra_faces, track, emotion_unreliable, closure_began, yaw_degrees, luminance, sharpness, sampling_level, not_computed
        """;

    private static readonly object False = false;
    private static readonly object True = true;
    private static readonly object[] SmallNumbers = [.. Enumerable.Range(0, 256).Select(n => (object)n)];

    public static string Insert(string keyspace) => $"INSERT INTO {keyspace}.{Name} ({Columns}) VALUES ({string.Join(", ", Enumerable.Repeat('?', Columns.Count(c => c == ',') + 1))})";

    public static string SelectPage(string keyspace) => $"SELECT {Columns} FROM {keyspace}.{Name} WHERE session_id = ? AND bucket = ? AND sequence > ? LIMIT ?";

    public static string Count(string keyspace) => $"SELECT count(*) FROM {keyspace}.{Name} WHERE session_id = ? AND bucket = ?";

    public static string Delete(string keyspace) => $"DELETE FROM {keyspace}.{Name} WHERE session_id = ? AND bucket = ?";

    public static long BucketOf(long sequence) => sequence >> BucketBits;

    /// <summary>The values of <see cref="Insert"/>, in order.</summary>
    public static object?[] Values(EmotionObserved e)
    {
        var (face, p) = (e.Face, e.Probabilities);
        return
        [
            e.SessionId, BucketOf(e.Sequence), e.Sequence, Time(e.CapturedAtMs), e.Tenant, Number(e.QuestionIndex), Number(e.FaceCount),
            Number((face is null ? 0 : HasFace) | (p is null ? 0 : HasProbabilities)),
            Real(face?.Left), Real(face?.Top), Real(face?.Width), Real(face?.Height), Real(face?.Confidence),
            Real(p?.Angry), Real(p?.Disgust), Real(p?.Fear), Real(p?.Happy), Real(p?.Sad), Real(p?.Surprise), Real(p?.Neutral),
            e.Dominant, e.EyeOpenness, Switch(e.EyesClosed), e.ModelVersion, Time(e.AnalysedAtMs),
            Number(EmotionRow.QualityBits(e)), Number(e.ExtraFaces), Number(e.Track), Switch(e.EmotionUnreliable), Switch(e.ClosureBegan),
            e.YawDegrees, e.Luminance, e.Sharpness, Number(e.SamplingLevel), Number(EmotionRow.NotComputedBits(e)),
        ];
    }

    public static EmotionObserved Read(Row r)
    {
        var present = r.GetValue<int>(7);
        return new EmotionObserved
        {
            SessionId = r.GetValue<string>(0),
            Sequence = r.GetValue<long>(2),
            CapturedAtMs = UnixMs(r, 3),
            Tenant = r.GetValue<string>(4),
            QuestionIndex = r.GetValue<int>(5),
            FaceCount = r.GetValue<int>(6),
            Face = (present & HasFace) == 0 ? null : new()
            {
                Left = r.GetValue<float>(8), Top = r.GetValue<float>(9), Width = r.GetValue<float>(10), Height = r.GetValue<float>(11), Confidence = r.GetValue<float>(12),
            },
            Probabilities = (present & HasProbabilities) == 0 ? null : Probabilities(r, 13),
            Dominant = r.GetValue<string>(20),
            EyeOpenness = r.GetValue<float>(21),
            EyesClosed = r.GetValue<bool>(22),
            ModelVersion = r.GetValue<string>(23),
            AnalysedAtMs = UnixMs(r, 24),
            ExtraFaces = r.GetValue<int>(26),
            Track = r.GetValue<int>(27),
            EmotionUnreliable = r.GetValue<bool>(28),
            ClosureBegan = r.GetValue<bool>(29),
            YawDegrees = r.GetValue<float>(30),
            Luminance = r.GetValue<float>(31),
            Sharpness = r.GetValue<float>(32),
            SamplingLevel = r.GetValue<int>(33),
        }.WithBits(r.GetValue<int>(25), r.GetValue<int>(34));
    }

    internal static EmotionProbabilities Probabilities(Row r, int first) => new()
    {
        Angry = r.GetValue<float>(first),
        Disgust = r.GetValue<float>(first + 1),
        Fear = r.GetValue<float>(first + 2),
        Happy = r.GetValue<float>(first + 3),
        Sad = r.GetValue<float>(first + 4),
        Surprise = r.GetValue<float>(first + 5),
        Neutral = r.GetValue<float>(first + 6),
    };

    internal static DateTimeOffset Time(long unixMs) => DateTimeOffset.FromUnixTimeMilliseconds(EmotionPages.ClampMs(unixMs));

    internal static long UnixMs(Row r, int column) => r.GetValue<DateTimeOffset>(column).ToUnixTimeMilliseconds();

    internal static object Real(float? value) => value is { } number ? number : Unset.Value;

    // Small numbers are most of what is bound: no box for each.
    private static object Number(int value) => (uint)value < SmallNumbers.Length ? SmallNumbers[value] : value;

    private static object Switch(bool value) => value ? True : False;
}
