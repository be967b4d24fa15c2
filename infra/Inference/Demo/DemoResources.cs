using System.Text.Json;

namespace StreamPlatform.Inference.Demo;

/// <summary>JSON lists embedded in this assembly.</summary>
internal static class DemoResources
{
    private static readonly JsonSerializerOptions Format = new() { PropertyNameCaseInsensitive = true };

    public static T[] Read<T>(string name)
    {
        using var json = typeof(DemoResources).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"{name} is not embedded in the assembly");
        return JsonSerializer.Deserialize<T[]>(json, Format) ?? [];
    }
}
