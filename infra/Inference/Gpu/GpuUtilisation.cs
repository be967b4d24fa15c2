using System.Diagnostics.Metrics;

namespace StreamPlatform.Inference.Gpu;

/// <summary>How busy the first GPU is, asked of the driver when metrics are read, at most once a second.</summary>
internal sealed class GpuUtilisation
{
    private static readonly TimeSpan MinInterval = TimeSpan.FromSeconds(1);

    private readonly Func<double?> _read;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private long _readAt;
    private double? _last;

    /// <param name="read">Share 0..1, null when the device does not say.</param>
    public GpuUtilisation(Meter meter, Func<double?> read, TimeProvider time)
    {
        (_read, _time) = (read, time);
        meter.CreateObservableGauge(
            "inference_gpu_utilisation", Observe, "1", "Share of time in which the first GPU ran a kernel, as its driver says; absent without a GPU");
    }

    /// <summary>Reads by NVML; null where there is no driver or no device. The library stays initialised as long as the process runs.</summary>
    public static Func<double?>? OpenNvml()
    {
        try
        {
            if (NvmlNative.Init() != NvmlNative.Success || NvmlNative.DeviceByIndex(0, out var device) != NvmlNative.Success)
                return null;
            return () => NvmlNative.UtilisationRates(device, out var now) == NvmlNative.Success ? now.Gpu / 100.0 : null;
        }
        catch (Exception missing) when (missing is DllNotFoundException or EntryPointNotFoundException)
        {
            return null;
        }
    }

    private IEnumerable<Measurement<double>> Observe()
    {
        lock (_lock)
        {
            if (_readAt == 0 || _time.GetElapsedTime(_readAt) >= MinInterval)
                (_last, _readAt) = (_read(), _time.GetTimestamp());
            return _last is { } share ? [new Measurement<double>(share)] : [];
        }
    }
}
