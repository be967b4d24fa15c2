using System.Runtime.InteropServices;

namespace StreamPlatform.Inference.Gpu;

/// <summary>The part of the NVIDIA Management Library that is used; it comes with the driver (libnvidia-ml.so.1, NVML API reference).</summary>
internal static partial class NvmlNative
{
    private const string Library = "libnvidia-ml.so.1";

    public const int Success = 0;

    /// <summary>nvmlUtilization_t: percent of the last sample period (1/6 s to 1 s) in which a kernel ran, in which memory was read or written.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Utilisation
    {
        public uint Gpu;
        public uint Memory;
    }

    [LibraryImport(Library, EntryPoint = "nvmlInit_v2")]
    public static partial int Init();

    [LibraryImport(Library, EntryPoint = "nvmlDeviceGetHandleByIndex_v2")]
    public static partial int DeviceByIndex(uint index, out nint device);

    [LibraryImport(Library, EntryPoint = "nvmlDeviceGetUtilizationRates")]
    public static partial int UtilisationRates(nint device, out Utilisation utilisation);
}
