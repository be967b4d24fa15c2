using System.Diagnostics.Metrics;
using StreamPlatform.Inference.Gpu;

namespace StreamPlatform.Inference;

/// <summary>Instruments of this project; the meter's name is the project's.</summary>
internal static class InferenceMetrics
{
    private static readonly Meter Meter = new("StreamPlatform.Inference");

    public static readonly Histogram<int> BatchSize = Meter.CreateHistogram<int>("inference_batch_size", "{image}", "Images per batch");

    public static readonly Histogram<double> BatchSeconds = Meter.CreateHistogram<double>("inference_batch_duration", "s", "Time of one batch");

    public static readonly Histogram<double> ModelSeconds = Meter.CreateHistogram<double>("inference_model_duration", "s", "Time of one batch inside one model");

    private static readonly Lazy<GpuUtilisation?> Gpu = new(() => GpuUtilisation.OpenNvml() is { } read ? new GpuUtilisation(Meter, read, TimeProvider.System) : null);

    /// <summary>Begins to report how busy the GPU is; once per process. False where no driver answers.</summary>
    public static bool WatchGpu() => Gpu.Value is not null;
}
