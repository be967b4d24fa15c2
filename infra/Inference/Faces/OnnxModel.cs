using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;

namespace StreamPlatform.Inference.Faces;

/// <summary>One ONNX model with a single float input whose first dimension is the batch. Safe for concurrent use.</summary>
internal sealed class OnnxModel : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _run = new();
    private readonly string _input;
    private readonly long[] _imageShape;
    private readonly string[] _outputs;
    private readonly KeyValuePair<string, object?> _name;

    /// <param name="outputs">Names of the outputs wanted, in the order in which <see cref="Run"/> returns them.</param>
    /// <exception cref="FileNotFoundException">The model was not converted.</exception>
    public OnnxModel(string path, SessionOptions options, params string[] outputs)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path} is missing: run ./streamplatform once, it converts the models", path);
        _session = new InferenceSession(path, options);
        var input = _session.InputMetadata.Single();
        _input = input.Key;
        _imageShape = [.. input.Value.Dimensions.Skip(1).Select(size => (long)size)];
        _outputs = outputs;
        _name = new("model", Path.GetFileNameWithoutExtension(path));
    }

    /// <summary>Floats per image.</summary>
    public int InputLength => (int)_imageShape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Runs the model; the caller disposes the result and reads it with GetTensorDataAsSpan&lt;float&gt;().</summary>
    /// <param name="input">At least batch x <see cref="InputLength"/> floats, channels last.</param>
    public IDisposableReadOnlyCollection<OrtValue> Run(Memory<float> input, int batch)
    {
        using var tensor = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, input[..(batch * InputLength)], [batch, .. _imageShape]);
        var started = Stopwatch.GetTimestamp();
        var results = _session.Run(_run, [_input], [tensor], _outputs);
        InferenceMetrics.ModelSeconds.Record(Stopwatch.GetElapsedTime(started).TotalSeconds, _name);
        return results;
    }

    public void Dispose()
    {
        _session.Dispose();
        _run.Dispose();
    }
}
