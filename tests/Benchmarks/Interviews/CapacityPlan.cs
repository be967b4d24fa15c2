using System.Text.Json.Nodes;

namespace StreamPlatform.Tests.Benchmarks.Interviews;

/// <summary>What was measured or assumed; docs/capacity.md gives the source of each.</summary>
internal sealed record CapacityInputs
{
    /// <summary>CPU of decoding and analysing one frame, ms of one core. Measured.</summary>
    public required double FrameCpuMs { get; init; }

    /// <summary>CPU of broker and processors without models per minute of an interview, s of one core. Measured.</summary>
    public required double StreamCpuSPerInterviewMinute { get; init; }

    /// <summary>Frames a second through one partition, with audio and answers beside them. Measured: a floor, the cores were the limit.</summary>
    public required double PartitionFramesPerSecond { get; init; }

    /// <summary>Mean size of a frame, bytes. Measured.</summary>
    public required double FrameBytes { get; init; }

    /// <summary>CPU of the offline recogniser per second of speech, s of one core. Measured: ARCHITECTURE.md.</summary>
    public double SpeechCpuS { get; init; } = 0.11;

    /// <summary>Frames a second of an interview. The product's rate.</summary>
    public double FramesPerSecond { get; init; } = 2;

    /// <summary>Bytes of audio a second while somebody speaks: PCM16, 16 kHz, mono. The product's rate.</summary>
    public double AudioBytesPerSecond { get; init; } = 32_000;

    /// <summary>Share of an interview in which the candidate speaks, 0..1. Assumption.</summary>
    public double SpeakingShare { get; init; } = 0.5;

    /// <summary>Share of frames that is analysed, 0..1; 1 = no sampling. Assumption.</summary>
    public double AnalysedShare { get; init; } = 1;

    /// <summary>How far a core may be used on average, 0..1. Assumption.</summary>
    public double CoreUse { get; init; } = 0.6;

    /// <summary>What one broker of a cluster takes from producers and replicas, MB/s. Assumption, not measured.</summary>
    public double BrokerMbPerSecond { get; init; } = 100;

    /// <summary>Copies of each record. Assumption: a cluster's usual number.</summary>
    public int Replicas { get; init; } = 3;
}

/// <summary>The arithmetic of a deployment for a number of simultaneous interviews. Every count is rounded up.</summary>
internal sealed record CapacityPlan(CapacityInputs Inputs, int Interviews)
{
    public double FramesPerSecond => Interviews * Inputs.FramesPerSecond;

    public double EmotionCores => Math.Ceiling(FramesPerSecond * Inputs.AnalysedShare * Inputs.FrameCpuMs / 1000 / Inputs.CoreUse);

    public double SpeechCores => Math.Ceiling(Interviews * Inputs.SpeakingShare * Inputs.SpeechCpuS / Inputs.CoreUse);

    /// <summary>Broker and processors without models.</summary>
    public double StreamCores => Math.Ceiling(Interviews * Inputs.StreamCpuSPerInterviewMinute / 60 / Inputs.CoreUse);

    public double Partitions => Math.Ceiling(FramesPerSecond / Inputs.PartitionFramesPerSecond);

    /// <summary>From the gateways to Kafka, MB/s (10^6 bytes).</summary>
    public double IngressMbPerSecond => Interviews * ((Inputs.FramesPerSecond * Inputs.FrameBytes) + (Inputs.SpeakingShare * Inputs.AudioBytesPerSecond)) / 1e6;

    /// <summary>Written by all brokers together, MB/s.</summary>
    public double ReplicatedMbPerSecond => IngressMbPerSecond * Inputs.Replicas;

    public double Brokers => Math.Max(3, Math.Ceiling(ReplicatedMbPerSecond / Inputs.BrokerMbPerSecond));

    /// <summary>Kafka's disks, all copies, GB per hour (10^9 bytes).</summary>
    public double StorageGbPerHour => ReplicatedMbPerSecond * 3600 / 1000;

    /// <summary>Observations and windows of 10 s, rows a second.</summary>
    public double SeriesRowsPerSecond => (FramesPerSecond * Inputs.AnalysedShare) + (Interviews / 10.0);

    public JsonObject ToJson() => new()
    {
        ["interviews"] = Interviews, ["frames_per_s"] = FramesPerSecond, ["emotion_cores"] = EmotionCores, ["emotion_cores_one_frame_in_ten"] = (this with { Inputs = Inputs with { AnalysedShare = 0.1 } }).EmotionCores,
        ["speech_cores"] = SpeechCores, ["stream_cores"] = StreamCores, ["partitions"] = Partitions, ["ingress_mb_per_s"] = Math.Round(IngressMbPerSecond), ["replicated_mb_per_s"] = Math.Round(ReplicatedMbPerSecond),
        ["brokers"] = Brokers, ["kafka_gb_per_hour"] = Math.Round(StorageGbPerHour), ["series_rows_per_s"] = SeriesRowsPerSecond,
    };
}
