using System.Diagnostics;
using System.Text.Json.Nodes;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using StreamPlatform.Broker;
using StreamPlatform.Hosting;
using StreamPlatform.LanguageModels;
using StreamPlatform.Schemas;
using StreamPlatform.Speech;
using StreamPlatform.Streams;
using StreamPlatform.Tests.Benchmarks.Kafka;
using StreamPlatform.Tests.Benchmarks.Work;
using StreamPlatform.Topology;
using StreamPlatform.Topology.Ports;
using StreamPlatform.Topology.Speech;
using StreamPlatform.Topology.Steps;

namespace StreamPlatform.Tests.Benchmarks.Interviews;

/// <summary>The stream path alone: the platform's own topologies, exactly-once on the embedded broker, with recorded results in place of the models; without gateway and stores.</summary>
internal static class StreamLevel
{
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    public static async Task<JsonObject> RunAsync(int interviews, int seconds, IEmotionModel faces)
    {
        var data = Directory.CreateTempSubdirectory("bench-interviews-").FullName;
        try
        {
            await using var broker = await KafkaBroker.StartAsync(new BrokerOptions { DataDirectory = data }, TimeProvider.System, NullLoggerFactory.Instance);
            using (var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = broker.BootstrapServers }).Build())
            {
                await TopicCatalogue.EnsureAsync(admin, new TopicCatalogueOptions());
            }

            await using var applications = new Applications(broker.BootstrapServers, faces);
            await applications.StartAsync();
            using var meter = new ResultMeter(broker.BootstrapServers);
            var cpu = Process.GetCurrentProcess().TotalProcessorTime;
            var load = await LoadProcess.RunAsync("events", broker.BootstrapServers, $"{interviews}", $"{seconds}");
            var counts = await meter.WaitAsync(load["frames"]!.GetValue<long>(), load["answers"]!.GetValue<long>(), Patience);
            return Level(interviews, seconds, load, counts, meter.Latencies, (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalSeconds);
        }
        finally
        {
            if (Directory.Exists(data)) Directory.Delete(data, recursive: true);
        }
    }

    private static JsonObject Level(int interviews, int seconds, JsonObject load, ResultCounts counts, List<double> latencies, double cpu)
    {
        var (frames, answers, written) = (load["frames"]!.GetValue<long>(), load["answers"]!.GetValue<long>(), load["seconds"]!.GetValue<double>());
        var drain = Math.Max(0, Math.Max(counts.LastFrameMs, counts.LastScoreMs) - load["ended_ms"]!.GetValue<long>()) / 1000.0;
        var wanted = interviews * seconds * 2L;
        var bounded = frames == wanted && counts.Frames == frames && counts.Scores == answers && drain <= Drain.TotalSeconds;
        var carried = counts.Frames / (written + drain);
        Say.Line($"stream path, {interviews} interviews: {(bounded ? "held" : "not held")}; {frames} of {wanted} frames written, {counts.Frames} through, {counts.Scores} of {answers} answers, {carried:n0} frames/s, drain {drain:f1} s, p99 {Quantile.Of(latencies, 0.99)} ms");
        return new JsonObject
        {
            ["interviews"] = interviews, ["held"] = bounded, ["hold_s"] = seconds, ["frames"] = new JsonObject { ["due"] = wanted, ["written"] = frames, ["through"] = counts.Frames },
            ["answers"] = answers, ["scores"] = counts.Scores, ["frames_per_s"] = Math.Round(carried), ["interviews_carried"] = Math.Round(carried / 2), ["drain_s"] = Math.Round(drain, 1),
            ["end_to_end_ms"] = new JsonObject { ["p50"] = Quantile.Of(latencies, 0.5), ["p99"] = Quantile.Of(latencies, 0.99) },
            ["cpu_s_per_interview_minute"] = Math.Round(cpu / Math.Max(1, counts.Frames / 120.0), 3), ["producer_cpu_s"] = load["cpu_s"]!.GetValue<double>(),
            ["written_mb_per_s"] = Math.Round(load["bytes"]!.GetValue<long>() / 1e6 / written, 1), ["frame_bytes"] = load["frame_bytes"]!.GetValue<double>(),
            ["producer_most_behind_ms"] = load["most_behind_ms"]!.GetValue<double>(), ["failed_writes"] = load["failed"]!.GetValue<long>(),
        };
    }

    private sealed class Applications(string bootstrapServers, IEmotionModel faces) : IAsyncDisposable
    {
        private readonly List<StreamsApplication> running = [];

        public async Task StartAsync()
        {
            var serdes = new EventSerdes(new InMemorySchemaRegistryClient());
            var segmenter = new SpeechSegmenter(new EnergyVoiceActivityDetector(), new SegmenterOptions());
            Streams.Topology[] topologies =
            [
                InterviewTopology.BuildEmotion(serdes, faces, TimeProvider.System), InterviewTopology.BuildTranscription(serdes, new RecordedSpeech(), segmenter),
                InterviewTopology.BuildScoring(serdes, new OfflineRubric(), TimeProvider.System), InterviewTopology.BuildWindows(serdes), InterviewTopology.BuildReports(serdes, new ReportOptions()),
            ];
            foreach (var topology in topologies)
            {
                running.Add(new StreamsApplication(topology, new StreamsOptions { BootstrapServers = bootstrapServers, CommitIntervalMs = 100, ReplicationFactor = 1, MaxInFlightRecords = 2_000 }, loggers: StderrLog.Wanted));
            }

            await Task.WhenAll(running.Select(a => a.StartAsync()));
            await Task.WhenAll(running.Select(a => a.Running)).WaitAsync(TimeSpan.FromSeconds(90));
        }

        public async ValueTask DisposeAsync() => await Task.WhenAll(running.Select(a => a.DisposeAsync().AsTask()));
    }
}
