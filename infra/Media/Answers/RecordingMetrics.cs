using System.Diagnostics.Metrics;

namespace StreamPlatform.Media.Answers;

/// <summary>What was kept of live answers.</summary>
internal static class RecordingMetrics
{
    private static readonly Meter Meter = new("StreamPlatform.Media");
    private static readonly Counter<long> Answers = Meter.CreateCounter<long>("streamplatform.media.answers", "{object}", "Answers whose sound was kept");
    private static readonly Counter<long> Bytes = Meter.CreateCounter<long>("streamplatform.media.answer_bytes", "By", "Sound of answers kept, unsealed");

    public static void Kept(long bytes)
    {
        Answers.Add(1);
        Bytes.Add(bytes);
    }
}
