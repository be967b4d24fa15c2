using System.Diagnostics.Metrics;

namespace StreamPlatform.Tests.Benchmarks.Faces;

/// <summary>Sums of the inference's own instruments while it listens.</summary>
internal sealed class InferenceMeter : IDisposable
{
    private readonly MeterListener listener = new();
    private readonly Dictionary<string, double> modelSeconds = [];
    private long images;
    private long batches;

    public InferenceMeter()
    {
        listener.InstrumentPublished = (instrument, me) =>
        {
            if (instrument.Meter.Name == "StreamPlatform.Inference") me.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => AddImages(instrument.Name, value));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => AddSeconds(instrument.Name, value, tags));
        listener.Start();
    }

    /// <summary>Seconds spent inside batches.</summary>
    public double BatchSeconds { get; private set; }

    public double ImagesPerBatch => batches == 0 ? 0 : (double)images / batches;

    /// <summary>Seconds inside each model, by its file's name.</summary>
    public IReadOnlyDictionary<string, double> ModelSeconds => modelSeconds;

    public void Dispose() => listener.Dispose();

    private void AddImages(string instrument, int value)
    {
        if (instrument != "inference_batch_size") return;
        lock (modelSeconds)
        {
            images += value;
            batches++;
        }
    }

    private void AddSeconds(string instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (modelSeconds)
        {
            if (instrument == "inference_batch_duration") BatchSeconds += value;
            else if (instrument == "inference_model_duration" && tags[0].Value is string model) modelSeconds[model] = modelSeconds.GetValueOrDefault(model) + value;
        }
    }
}
