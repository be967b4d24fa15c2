using System.Runtime.InteropServices;

namespace StreamPlatform.Inference.Jpeg;

/// <summary>
/// The part of the TurboJPEG 2 API that is used (libturbojpeg.so.0, Debian package libturbojpeg0;
/// https://libjpeg-turbo.org/Documentation/Documentation).
/// </summary>
internal static unsafe partial class TurboJpegNative
{
    private const string Library = "libturbojpeg.so.0";

    public const int PixelFormatRgb = 0;
    public const int Subsampling420 = 2;

    /// <summary>Fails on any warning, e.g. premature end of data: libjpeg would otherwise fill the rest with grey.</summary>
    public const int StopOnWarning = 8192;

    /// <summary>Fails on progressive images with an unreasonable number of scans.</summary>
    public const int LimitScans = 32768;

    /// <summary>The same pixels whatever the processor.</summary>
    public const int AccurateDct = 4096;

    [LibraryImport(Library, EntryPoint = "tjInitDecompress")]
    public static partial nint InitDecompress();

    [LibraryImport(Library, EntryPoint = "tjInitCompress")]
    public static partial nint InitCompress();

    [LibraryImport(Library, EntryPoint = "tjDestroy")]
    public static partial int Destroy(nint handle);

    [LibraryImport(Library, EntryPoint = "tjDecompressHeader3")]
    public static partial int DecompressHeader(
        TurboJpegHandle handle, byte* jpeg, CULong length, out int width, out int height, out int subsampling, out int colorspace);

    [LibraryImport(Library, EntryPoint = "tjDecompress2")]
    public static partial int Decompress(
        TurboJpegHandle handle, byte* jpeg, CULong length, byte* target, int width, int pitch, int height, int pixelFormat, int flags);

    [LibraryImport(Library, EntryPoint = "tjCompress2")]
    public static partial int Compress(
        TurboJpegHandle handle, byte* source, int width, int pitch, int height, int pixelFormat, byte** jpeg, CULong* length, int subsampling, int quality,
        int flags);

    [LibraryImport(Library, EntryPoint = "tjFree")]
    public static partial void Free(byte* buffer);

    [LibraryImport(Library, EntryPoint = "tjGetErrorStr2")]
    public static partial byte* ErrorText(TurboJpegHandle handle);
}
