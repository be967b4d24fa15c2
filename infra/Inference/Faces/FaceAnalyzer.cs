using System.Collections.Concurrent;
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
/// Memory is bounded by MaxInFlightImages decoded images, of which MaxInFlightLargeImages may be large; further callers wait.
/// </summary>
public sealed class FaceAnalyzer : IEmotionModel, IAsyncDisposable
{
    /// <summary>Bytes of a decoded image above which it counts as large: 3 Mpixel, more than a video of 1,920 x 1,080.</summary>
    private const long LargeImageBytes = 9 * 1024 * 1024;

    private readonly JpegDecoder _decoder;
    private readonly ConcurrentBag<FacePipeline> _idle = [];
    private readonly DynamicBatcher<FaceJob, FaceAnalysis> _batcher;
    private readonly SemaphoreSlim _room;
    private readonly SemaphoreSlim _patientRoom;
    private readonly SemaphoreSlim _largeRoom;

    /// <exception cref="FileNotFoundException">The models were not converted.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public FaceAnalyzer(FaceAnalyzerOptions options, TimeProvider? time = null, ILogger<FaceAnalyzer>? logger = null)
    {
        options.Validate();
        _decoder = new JpegDecoder(options.Jpeg);
        using var session = OnnxSessionOptions.Create(options, logger ?? NullLogger<FaceAnalyzer>.Instance);
        for (var i = 0; i < options.ConcurrentBatches; i++)
            _idle.Add(new FacePipeline(options, session));
        ModelVersion = ReadVersion(options.ModelDirectory);
        _room = new SemaphoreSlim(options.MaxInFlightImages);
        _patientRoom = new SemaphoreSlim(Math.Max(1, options.MaxInFlightImages / 2));
        _largeRoom = new SemaphoreSlim(options.MaxInFlightLargeImages);
        var batches = new BatcherOptions
        {
            MaxBatchSize = options.MaxBatchSize,
            LingerMs = options.BatchLingerMs,
            MaxQueued = options.MaxInFlightImages,
            MaxConcurrentBatches = options.ConcurrentBatches,
        };
        _batcher = new DynamicBatcher<FaceJob, FaceAnalysis>("faces", batches, RunBatch, time);
    }

    public string ModelVersion { get; }

    public async ValueTask<FaceAnalysis> AnalyseAsync(ReadOnlyMemory<byte> jpeg, FaceQuery query, CancellationToken cancellationToken)
    {
        if (query.Outputs == FaceOutputs.None)
            throw new ArgumentException("nothing may be computed: the image must not be decoded", nameof(query));

        // Those that can wait may take half of the room, or they would fill it and priorities could not tell.
        var patient = query.Priority > BatchPriority.High;
        if (patient)
            await _patientRoom.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await _room.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                // On the pool, whoever calls: decoding takes milliseconds and callers may be event loops.
                return await Task.Run(() => DecodeAndRunAsync(jpeg, query, cancellationToken), cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                _room.Release();
            }
        }
        finally
        {
            if (patient)
                _patientRoom.Release();
        }
    }

    private async Task<FaceAnalysis> DecodeAndRunAsync(ReadOnlyMemory<byte> jpeg, FaceQuery query, CancellationToken cancellationToken)
    {
        var header = _decoder.Inspect(jpeg.Span);
        var large = _decoder.DecodedBytes(header) > LargeImageBytes;
        if (large)
            await _largeRoom.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            using var image = _decoder.Decode(jpeg.Span, header);
            return await _batcher.RunAsync(new FaceJob(image, query.Outputs), query.Priority, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (large)
                _largeRoom.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _batcher.DisposeAsync().ConfigureAwait(false);
        foreach (var pipeline in _idle)
            pipeline.Dispose();
    }

    private FaceAnalysis[] RunBatch(IReadOnlyList<FaceJob> images)
    {
        // As many pipelines as the batcher runs batches.
        if (!_idle.TryTake(out var pipeline))
            throw new InvalidOperationException("more batches run than there are pipelines");
        try
        {
            return RunBatch(pipeline, images);
        }
        finally
        {
            _idle.Add(pipeline);
        }
    }

    private static FaceAnalysis[] RunBatch(FacePipeline pipeline, IReadOnlyList<FaceJob> images)
    {
        var started = Stopwatch.GetTimestamp();
        var results = pipeline.Analyse(images);
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
