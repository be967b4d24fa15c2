using StreamPlatform.Inference.Demo;

namespace StreamPlatform.Tests.Benchmarks.Faces;

/// <summary>What many cameras see: real faces, a person per session, each frame of a session different.</summary>
/// <param name="Sessions">Sessions that the frames belong to.</param>
/// <param name="Jpegs">Per person, the frames in the order of capture; sessions share persons, not frames in flight.</param>
internal sealed record FaceFrames(int Sessions, IReadOnlyList<IReadOnlyList<byte[]>> Jpegs)
{
    private const int FramesPerPerson = 12;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    /// <summary>Frame <paramref name="number"/>, from 0, of all: sessions take turns, as they do on the topic.</summary>
    public byte[] Of(int number)
    {
        var person = Jpegs[number % Sessions % Jpegs.Count];
        return person[number / Sessions % person.Count];
    }

    /// <exception cref="BenchFailedException">The photographs are missing.</exception>
    public static FaceFrames Render(int sessions, int width, int height)
    {
        var assets = Environment.GetEnvironmentVariable("STREAMPLATFORM_ASSETS") ?? Path.Combine(".cache", "assets");
        var photos = Path.Combine(assets, "face-api", "package", "demo");
        try
        {
            return new FaceFrames(sessions, [.. DemoFace.All.AsParallel().AsOrdered().Select(face =>
            {
                using var renderer = DemoFrameRenderer.Load(photos, face);
                return (IReadOnlyList<byte[]>)[.. Enumerable.Range(0, FramesPerPerson).Select(i => renderer.Render(i * Interval, width, height))];
            })]);
        }
        catch (AggregateException e) when (e.InnerException is FileNotFoundException missing)
        {
            throw new BenchFailedException(missing.Message);
        }
    }
}
