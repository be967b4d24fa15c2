using Microsoft.ML.OnnxRuntime;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Speech;

/// <summary>Silero VAD, version 6, on ONNX Runtime: frames of 512 samples (32 ms), about 0.1 ms each on one core.</summary>
/// <remarks>
/// The model is recurrent. A stream's memory is its state (2 x 1 x 128 floats) and the last 64 samples, which precede the next frame.
/// Source of shapes and context: silero-vad, src/silero_vad/utils_vad.py, class OnnxWrapper.
/// </remarks>
public sealed class SileroVoiceActivityDetector : IVoiceActivityDetector, IDisposable
{
    /// <summary>Name of the model's file in the directory of the models.</summary>
    public const string FileName = "silero_vad.onnx";

    private const int Frame = 512;
    private const int Context = 64;
    private const int State = 2 * 1 * 128;

    private static readonly string[] Inputs = ["input", "state", "sr"];
    private static readonly string[] Outputs = ["output", "stateN"];

    private readonly InferenceSession session;
    private readonly RunOptions run = new();
    private readonly OrtValue sampleRate;

    /// <param name="path">The model's file.</param>
    /// <exception cref="SpeechEngineUnavailableException">It is missing, does not load or is another model.</exception>
    public SileroVoiceActivityDetector(string path)
    {
        if (!File.Exists(path))
        {
            throw new SpeechEngineUnavailableException($"{path} is missing: run ./streamplatform once, its set-up brings the model.");
        }
        try
        {
            using SessionOptions options = new() { IntraOpNumThreads = 1, InterOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
            session = new(path, options);
        }
        catch (OnnxRuntimeException broken)
        {
            throw new SpeechEngineUnavailableException($"{path} does not load: {broken.Message}", broken);
        }
        if (!Inputs.All(session.InputMetadata.ContainsKey) || !Outputs.All(session.OutputMetadata.ContainsKey))
        {
            session.Dispose();
            throw new SpeechEngineUnavailableException($"{path} is not version 5 or 6 of Silero VAD: its inputs are {string.Join(", ", session.InputMetadata.Keys)}.");
        }
        sampleRate = OrtValue.CreateTensorValueFromMemory(new long[] { 16_000 }, []);
    }

    public string Name => "silero-v6";

    public int FrameSamples => Frame;

    public int MemoryFloats => State + Context;

    public float SpeechProbability(ReadOnlySpan<short> frame, Span<float> memory)
    {
        float[] input = new float[Context + Frame];
        memory[State..].CopyTo(input);
        for (int i = 0; i < Frame; i++)
        {
            input[Context + i] = frame[i] / 32_768f;
        }
        using OrtValue samples = OrtValue.CreateTensorValueFromMemory(input, [1, input.Length]);
        using OrtValue state = OrtValue.CreateTensorValueFromMemory(memory[..State].ToArray(), [2, 1, 128]);
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(run, Inputs, [samples, state, sampleRate], Outputs);
        results[1].GetTensorDataAsSpan<float>().CopyTo(memory);
        input.AsSpan(Frame).CopyTo(memory[State..]);
        return Math.Clamp(results[0].GetTensorDataAsSpan<float>()[0], 0f, 1f);
    }

    public void Dispose()
    {
        session.Dispose();
        run.Dispose();
        sampleRate.Dispose();
    }
}
