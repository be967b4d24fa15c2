using StreamPlatform.Inference.Faces;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Tests.Benchmarks.Interviews;

/// <summary>Results that the real models once gave for the same faces, by turns, at once.</summary>
internal sealed class RecordedFaces : IEmotionModel
{
    private readonly FaceAnalysis[] recorded;
    private int next;

    private RecordedFaces(FaceAnalysis[] recorded, string version) => (this.recorded, ModelVersion) = (recorded, version);

    public string ModelVersion { get; }

    public static async Task<RecordedFaces> RecordAsync(LoadMaterial material, FaceAnalyzerOptions options)
    {
        await using var analyzer = new FaceAnalyzer(options);
        var query = FaceQuery.Everything;
        var results = await Task.WhenAll(Enumerable.Range(0, 24).Select(i => analyzer.AnalyseAsync(material.Frame(i, i), query, CancellationToken.None).AsTask()));
        return new(results, analyzer.ModelVersion);
    }

    public ValueTask<FaceAnalysis> AnalyseAsync(ReadOnlyMemory<byte> jpeg, FaceQuery query, CancellationToken cancellationToken) =>
        ValueTask.FromResult(recorded[(uint)Interlocked.Increment(ref next) % recorded.Length]);
}

/// <summary>The same words for every segment, at once.</summary>
internal sealed class RecordedSpeech : ISpeechRecognizer
{
    public string Engine => "recorded";

    public ValueTask<RecognizedSpeech> RecognizeAsync(ReadOnlyMemory<byte> pcm16, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new RecognizedSpeech("mister john dashwood had then leisure to consider how much there might be prudently in his power to do for them", 0.9f));
}
