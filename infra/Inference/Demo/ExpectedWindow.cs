using System.Text.Json;

namespace StreamPlatform.Inference.Demo;

/// <summary>
/// What the TensorFlow.js reference sees on average in the first 10 s (2 frames per second) of a person's demo frames;
/// expected-windows.json, written by tests/js/reference/windows.mjs.
/// </summary>
/// <param name="Person">As in <see cref="DemoFace"/>.</param>
/// <param name="FaceRatio">Frames with a face / frames, 0..1.</param>
/// <param name="Dominant">Class with the highest mean.</param>
/// <param name="Mean">Mean probability by class name, lower case.</param>
/// <param name="EyeOpenness">Mean eye aspect ratio.</param>
public sealed record ExpectedWindow(
    string Person, double FaceRatio, string Dominant, IReadOnlyDictionary<string, double> Mean, double EyeOpenness)
{
    private static readonly Lazy<IReadOnlyList<ExpectedWindow>> Loaded = new(() => DemoResources.Read<ExpectedWindow>("expected-windows.json"));

    /// <exception cref="ArgumentException">No such person.</exception>
    public static ExpectedWindow Of(string person) =>
        Loaded.Value.FirstOrDefault(window => window.Person == person)
        ?? throw new ArgumentException($"expected-windows.json has no person '{person}'", nameof(person));
}
