using StreamPlatform.Cli.Demo;
using StreamPlatform.Tests.Benchmarks.Faces;

namespace StreamPlatform.Tests.Benchmarks.Interviews;

/// <summary>What simulated interviews show and say: rendered faces of real photographs, 640 x 480, and the demo's recorded speech.</summary>
internal sealed class LoadMaterial
{
    private readonly IReadOnlyList<IReadOnlyList<byte[]>> people;
    private readonly ReadOnlyMemory<byte> speech;

    private LoadMaterial(IReadOnlyList<IReadOnlyList<byte[]>> people, DemoMaterial demo)
    {
        this.people = people;
        var spoken = demo.Answers.First(a => !a.Speech.IsEmpty);
        var typed = demo.Answers.First(a => a.Speech.IsEmpty);
        speech = spoken.Speech;
        (SpokenQuestion, TypedQuestion, TypedAnswer, Damaged) = (spoken.QuestionId, typed.QuestionId, typed.Text, demo.CorruptFrame);
    }

    public string SpokenQuestion { get; }

    public string TypedQuestion { get; }

    public string TypedAnswer { get; }

    /// <summary>A JPEG that starts well and cannot be decoded.</summary>
    public byte[] Damaged { get; }

    /// <summary>Mean size of the frames, bytes.</summary>
    public double FrameBytes => people.SelectMany(p => p).Average(f => f.Length);

    /// <exception cref="BenchFailedException">Photographs or recordings are missing.</exception>
    public static LoadMaterial Load()
    {
        try { return new(FaceFrames.Render(1, 640, 480).Jpegs, DemoMaterialLoader.Load()); }
        catch (DemoFailedException e) { throw new BenchFailedException(e.Message); }
    }

    /// <summary>Frame of an interview; both numbers from 0.</summary>
    public byte[] Frame(int interview, int frame)
    {
        var person = people[interview % people.Count];
        return person[frame % person.Count];
    }

    /// <summary>A chunk of the recording, which repeats itself.</summary>
    public ReadOnlyMemory<byte> Speech(int chunk, int bytes)
    {
        var chunks = speech.Length / bytes;
        return speech.Slice(chunk % chunks * bytes, bytes);
    }
}
