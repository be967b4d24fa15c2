using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using StreamPlatform.Inference.Faces;
using StreamPlatform.Inference.Gpu;

namespace StreamPlatform.Tests.Unit.Inference;

public sealed class GpuTests
{
    [Fact]
    public void Without_the_CUDA_provider_one_clear_line_is_logged_and_the_processor_is_used()
    {
        Assert.SkipUnless(GpuUtilisation.OpenNvml() is null, "this machine has a GPU");
        var log = new Lines();
        using var session = OnnxSessionOptions.Create(new FaceAnalyzerOptions { UseCuda = true }, log);
        var (level, line) = Assert.Single(log.Written);
        Assert.Equal(LogLevel.Warning, level);
        Assert.Contains("face models run on the processor", line);
        Assert.Contains("-p:Gpu=true", line);
    }

    [Fact]
    public void Without_being_asked_for_CUDA_nothing_is_logged()
    {
        var log = new Lines();
        using var session = OnnxSessionOptions.Create(new FaceAnalyzerOptions(), log);
        Assert.Empty(log.Written);
    }

    [Fact]
    public void The_gauge_shows_what_the_driver_says_and_asks_at_most_once_a_second()
    {
        using var meter = new Meter("gpu-tests");
        var (asked, answer) = (0, (double?)0.75);
        var time = new ManualTime();
        _ = new GpuUtilisation(meter, () => { asked++; return answer; }, time);
        Assert.Equal([0.75], Read(meter));
        Assert.Equal([0.75], Read(meter));
        Assert.Equal(1, asked);
        answer = null;
        time.Now += 1;
        Assert.Empty(Read(meter));
        Assert.Equal(2, asked);
    }

    private static List<double> Read(Meter meter)
    {
        var values = new List<double>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (ReferenceEquals(instrument.Meter, meter))
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((_, value, _, _) => values.Add(value));
        listener.Start();
        listener.RecordObservableInstruments();
        return values;
    }

    private sealed class ManualTime : TimeProvider
    {
        /// <summary>Seconds.</summary>
        public long Now { get; set; } = 1;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Now;
    }

    private sealed class Lines : ILogger
    {
        public List<(LogLevel, string)> Written { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Written.Add((logLevel, formatter(state, exception)));
    }
}
