namespace StreamPlatform.Inference.Demo;

/// <summary>One person in a sample photograph of npm @vladmandic/face-api 1.7.15 (folder demo, MIT licence).</summary>
/// <param name="Person">Name used in tests and file names; says what one sees, not who it is.</param>
/// <param name="Photo">File name.</param>
/// <param name="Left">Edges of a 4:3 box that shows this person's face alone, in pixels of the photograph.</param>
public sealed record DemoFace(string Person, string Photo, int Left, int Top, int Width, int Height)
{
    private static readonly Lazy<IReadOnlyList<DemoFace>> Loaded = new(() => DemoResources.Read<DemoFace>("faces.json"));

    /// <summary>All persons of faces.json, in file order.</summary>
    public static IReadOnlyList<DemoFace> All => Loaded.Value;

    /// <exception cref="ArgumentException">No such person.</exception>
    public static DemoFace Named(string person) =>
        All.FirstOrDefault(face => face.Person == person) ?? throw new ArgumentException($"faces.json has no person '{person}'", nameof(person));
}
