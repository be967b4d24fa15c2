using System.Diagnostics.Metrics;

namespace StreamPlatform.Speech;

/// <summary>Instruments of this project; the meter's name is the project's. Listed in docs/transcription.md.</summary>
internal static class SpeechMetrics
{
    private static readonly Meter Meter = new("StreamPlatform.Speech");
    private static readonly Counter<long> Segments = Meter.CreateCounter<long>("speech_segments", "{segment}", "Segments given to an engine, by engine and outcome");
    private static readonly Counter<double> Audio = Meter.CreateCounter<double>("speech_audio", "s", "Audio given to an engine");
    private static readonly Histogram<double> Latency = Meter.CreateHistogram<double>("speech_recognition_duration", "s", "Time of one segment in its engine");
    private static readonly Histogram<double> RealTimeFactor = Meter.CreateHistogram<double>("speech_real_time_factor", "1", "Time of one segment in its engine per time of its audio");
    private static readonly Counter<long> Fallbacks = Meter.CreateCounter<long>("speech_fallbacks", "{segment}", "Segments that the first engine did not hear, by cause");
    private static readonly Counter<long> Switches = Meter.CreateCounter<long>("speech_failovers", "{switch}", "Switches from one engine to the other, by the engine now in use and cause");

    public static void Heard(string engine, string outcome, TimeSpan took, TimeSpan audio)
    {
        KeyValuePair<string, object?> tag = new("engine", engine);
        Segments.Add(1, tag, new("outcome", outcome));
        Audio.Add(audio.TotalSeconds, tag);
        Latency.Record(took.TotalSeconds, tag);
        if (outcome != "failed" && audio > TimeSpan.Zero)
        {
            RealTimeFactor.Record(took / audio, tag);
        }
    }

    public static void Fallback(string cause) => Fallbacks.Add(1, new KeyValuePair<string, object?>("cause", cause));

    public static void Switched(string to, string cause) => Switches.Add(1, new("to", to), new("cause", cause));
}
