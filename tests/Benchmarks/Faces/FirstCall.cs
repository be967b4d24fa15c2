using System.Diagnostics;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Tests.Benchmarks.Faces;

/// <summary>Notes when a model was first asked; everything else is the model's.</summary>
internal sealed class FirstCall(IEmotionModel model) : IEmotionModel
{
    private long at;

    /// <summary>On the monotonic clock; 0 = never.</summary>
    public long At => Interlocked.Read(ref at);

    public string ModelVersion => model.ModelVersion;

    public ValueTask<FaceAnalysis> AnalyseAsync(ReadOnlyMemory<byte> jpeg, FaceQuery query, CancellationToken cancellationToken)
    {
        if (At == 0) Interlocked.CompareExchange(ref at, Stopwatch.GetTimestamp(), 0);
        return model.AnalyseAsync(jpeg, query, cancellationToken);
    }
}
