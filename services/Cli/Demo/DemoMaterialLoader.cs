using System.Buffers.Binary;
using System.Text.Json;
using StreamPlatform.Inference.Demo;

namespace StreamPlatform.Cli.Demo;

/// <summary>Makes the demo's faces and speech from real photographs and recordings: the crops of faces.json, the clips of demo.json.</summary>
public static class DemoMaterialLoader
{
    private const int FramesPerPerson = 48; // 24 s at 2 per second, then again

    /// <summary>Who is on camera while which question is answered; names of faces.json.</summary>
    public static readonly IReadOnlyList<string> People = ["paramedic", "green-dress", "black-shirt"];

    private static readonly JsonSerializerOptions Json = new() { PropertyNameCaseInsensitive = true };

    /// <exception cref="DemoFailedException">A photograph or a recording is missing; names it.</exception>
    public static DemoMaterial Load() => Load(AssetsDirectory());

    /// <param name="assets">Directory of the unpacked npm packages.</param>
    /// <exception cref="DemoFailedException">A photograph or a recording is missing; names it.</exception>
    public static DemoMaterial Load(string assets)
    {
        var script = ReadScript();
        var photos = Path.Combine(assets, "face-api", "package", "demo");
        var answers = script.Questions.Select((q, i) => new DemoAnswer(q.Id, Film(photos, People[i % People.Count]), Speech(script, q), q.Answer ?? q.Text ?? "")).ToList();
        return new DemoMaterial(answers, CorruptJpeg.From(answers[0].Frames[0]));
    }

    private static List<byte[]> Film(string photos, string person)
    {
        try
        {
            using var renderer = DemoFrameRenderer.Load(photos, DemoFace.Named(person));
            return [.. Enumerable.Range(0, FramesPerPerson).Select(i => renderer.Render(i * DemoInterview.FrameInterval))];
        }
        catch (FileNotFoundException e)
        {
            throw new DemoFailedException(e.Message);
        }
    }

    private static ReadOnlyMemory<byte> Speech(DemoScript script, ScriptedQuestion question)
    {
        if (question.Clips.Count == 0)
        {
            return ReadOnlyMemory<byte>.Empty;
        }

        using var speech = new MemoryStream();
        var pause = new byte[script.PauseBetweenClipsMs * 32];
        foreach (var clip in question.Clips)
        {
            speech.Write(Samples(Path.Combine(script.ClipDirectory, clip)));
            speech.Write(pause);
        }

        return speech.ToArray();
    }

    // The samples of a RIFF/WAVE file of PCM16 mono 16 kHz (http://soundfile.sapp.org/doc/WaveFormat).
    private static ReadOnlySpan<byte> Samples(string path)
    {
        if (!File.Exists(path))
        {
            throw new DemoFailedException($"{path} is missing; install Debian's pocketsphinx-testdata (./streamplatform does)");
        }

        var file = File.ReadAllBytes(path);
        for (var at = 12; at + 8 <= file.Length;)
        {
            var size = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at + 4));
            if (file.AsSpan(at, 4).SequenceEqual("data"u8))
            {
                return file.AsSpan(at + 8, Math.Min(size, file.Length - at - 8) & ~1);
            }

            at += 8 + size + (size & 1);
        }

        throw new DemoFailedException($"{path} is no WAVE file");
    }

    private static DemoScript ReadScript()
    {
        using var stream = typeof(DemoMaterialLoader).Assembly.GetManifestResourceStream("demo.json")
            ?? throw new InvalidOperationException("demo.json is not embedded in the assembly");
        return JsonSerializer.Deserialize<DemoScript>(stream, Json)!;
    }

    private static string AssetsDirectory() =>
        Environment.GetEnvironmentVariable("STREAMPLATFORM_ASSETS") is { Length: > 0 } set ? set : Path.Combine(".cache", "assets");

    private sealed record DemoScript(int PauseBetweenClipsMs, string ClipDirectory, IReadOnlyList<ScriptedQuestion> Questions);

    private sealed record ScriptedQuestion(string Id, IReadOnlyList<string> Clips, string? Text, string? Answer);
}
