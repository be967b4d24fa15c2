using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StreamPlatform.Inference.Conversion;
using StreamPlatform.Inference.Jpeg;
using StreamPlatform.Streams;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Inference.Faces;

/// <summary>
/// <see cref="IEmotionModel"/> on ONNX Runtime: JPEGs are decoded by their callers' tasks, concurrent calls share batches.
/// Memory is bounded by MaxInFlightImages decoded images; further callers wait.
/// </summary>
public sealed class FaceAnalyzer : IEmotionModel, IAsyncDisposable
{
    private readonly JpegDecoder _decoder;
    private readonly FacePipeline _pipeline;
    private readonly DynamicBatcher<RgbImage, FaceAnalysis> _batcher;
    private readonly SemaphoreSlim _room;

    /// <exception cref="FileNotFoundException">The models were not converted.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public FaceAnalyzer(FaceAnalyzerOptions options, TimeProvider? time = null, ILogger<FaceAnalyzer>? logger = null)
    {
        options.Validate();
        _decoder = new JpegDecoder(options.Jpeg);
        using var session = OnnxSessionOptions.Create(options, logger ?? NullLogger<FaceAnalyzer>.Instance);
        _pipeline = new FacePipeline(options, session);
        ModelVersion = ReadVersion(options.ModelDirectory);
        _room = new SemaphoreSlim(options.MaxInFlightImages);
        var batches = new BatcherOptions { MaxBatchSize = options.MaxBatchSize, LingerMs = options.BatchLingerMs, MaxQueued = options.MaxInFlightImages };
        _batcher = new DynamicBatcher<RgbImage, FaceAnalysis>("faces", batches, RunBatch, time);
    }

    public string ModelVersion { get; }

    public async ValueTask<FaceAnalysis> AnalyseAsync(ReadOnlyMemory<byte> jpeg, CancellationToken cancellationToken)
    {
        await _room.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // On the pool, whoever calls: decoding takes milliseconds and callers may be event loops.
            using var image = await Task.Run(() => _decoder.Decode(jpeg.Span), cancellationToken).ConfigureAwait(false);

            // High, not critical: people watch live frames, but one lost half a second costs nothing, and a critical one would run in a batch of its own.
            return await _batcher.RunAsync(image, BatchPriority.High, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _room.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _batcher.DisposeAsync().ConfigureAwait(false);
        _pipeline.Dispose();
    }

    private FaceAnalysis[] RunBatch(IReadOnlyList<RgbImage> images)
    {
        var started = Stopwatch.GetTimestamp();
        var results = _pipeline.Analyse(images);
        InferenceMetrics.BatchSize.Record(images.Count);
        InferenceMetrics.BatchSeconds.Record(Stopwatch.GetElapsedTime(started).TotalSeconds);
        return results;
    }

    /// <summary>Changes with the models' content: "human-3.3.6-" and eight hex digits of the hash over the converted files' hashes.</summary>
    private static string ReadVersion(string directory)
    {
        var manifest = ModelManifest.ReadOrEmpty(Path.Combine(directory, ModelManifest.FileName));
        var hashes = string.Join('\n', manifest.Models.Select(model => $"{model.Name} {model.OnnxSha256}"));
        return "human-3.3.6-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(hashes)))[..8];
    }
}
