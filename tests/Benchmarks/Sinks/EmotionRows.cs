using System.Globalization;
using System.Security.Cryptography;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology;

namespace StreamPlatform.Tests.Benchmarks.Sinks;

/// <summary>Emotions as many interviews at once bring them: two frames a second of each session, sessions interleaved, one frame in twenty without a face. The same for the same count.</summary>
internal static class EmotionRows
{
    private const int Sessions = 250;
    private const int Partitions = 12;
    private const long StartMs = 1_772_625_600_000; // 2026-03-04T12:00:00Z, early enough in its month for one partition

    public static readonly string[] Classes = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"];

    public static EmotionObserved[] Make(int count)
    {
        var random = new Random(7);
        var ids = Enumerable.Range(0, Sessions).Select(i => Convert.ToHexStringLower(MD5.HashData(BitConverter.GetBytes(i)))).ToArray();
        var rows = new EmotionObserved[count];
        for (var i = 0; i < count; i++)
        {
            var (session, sequence) = (i % Sessions, i / Sessions);
            rows[i] = Row(ids[session], $"tenant-{session % 10}", sequence + 1, StartMs + sequence * 500L + session * 2, random);
        }

        return rows;
    }

    /// <summary>The batches that the persistence sink makes of them when it lags: what is under way, by partition.</summary>
    public static List<EmotionObserved[]> Batches(EmotionObserved[] rows) =>
        [.. rows.Chunk(PersistenceSinks.MaxInFlightRecords).SelectMany(window => window.OrderBy(Partition).Chunk(PersistenceSinks.Emotions.MaxRecords))];

    private static EmotionObserved Row(string session, string tenant, long sequence, long capturedAtMs, Random random)
    {
        var face = random.Next(20) != 0;
        var row = new EmotionObserved
        {
            SessionId = session, Tenant = tenant, Sequence = sequence, CapturedAtMs = capturedAtMs, QuestionIndex = (int)(sequence / 240), FaceCount = face ? 1 : 0,
            ModelVersion = "blazeface-1.0+xception-1.0", AnalysedAtMs = capturedAtMs + 80,
        };
        if (!face) return row;
        row.Face = new() { Left = random.NextSingle(), Top = random.NextSingle(), Width = random.NextSingle(), Height = random.NextSingle(), Confidence = random.NextSingle() };
        row.Probabilities = new()
        {
            Angry = random.NextSingle(), Disgust = random.NextSingle(), Fear = random.NextSingle(), Happy = random.NextSingle(), Sad = random.NextSingle(),
            Surprise = random.NextSingle(), Neutral = random.NextSingle(),
        };
        row.Dominant = Classes[random.Next(Classes.Length)];
        row.EyeOpenness = random.NextSingle();
        row.EyesClosed = random.Next(10) == 0;
        return row;
    }

    private static int Partition(EmotionObserved row) => int.Parse(row.SessionId.AsSpan(0, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture) % Partitions;
}
