using System.Globalization;

namespace StreamPlatform.Tests.Unit.Inference.Hostile;

/// <summary>Memory of this process as Linux counts it, native allocations included (/proc/self, proc(5)).</summary>
internal static class ResidentMemory
{
    public static bool IsMeasurable => File.Exists("/proc/self/clear_refs");

    /// <summary>Bytes at present.</summary>
    public static long Now() => Field("VmRSS:");

    /// <summary>The highest number of bytes since <see cref="ResetPeak"/>, also in the middle of a native call.</summary>
    public static long Peak() => Field("VmHWM:");

    public static void ResetPeak() => File.WriteAllText("/proc/self/clear_refs", "5");

    private static long Field(string name) => long.Parse(
        File.ReadLines("/proc/self/status").First(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(),
        CultureInfo.InvariantCulture) * 1024;
}
