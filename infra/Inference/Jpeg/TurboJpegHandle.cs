using System.Runtime.InteropServices;

namespace StreamPlatform.Inference.Jpeg;

/// <summary>A TurboJPEG instance; not safe for concurrent use.</summary>
internal sealed class TurboJpegHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    public static TurboJpegHandle ForDecompression() => Create(TurboJpegNative.InitDecompress);

    public static TurboJpegHandle ForCompression() => Create(TurboJpegNative.InitCompress);

    /// <summary>What went wrong in the last call on this instance.</summary>
    public unsafe string LastError() => Marshal.PtrToStringUTF8((nint)TurboJpegNative.ErrorText(this)) ?? "unknown error";

    protected override bool ReleaseHandle() => TurboJpegNative.Destroy(handle) == 0;

    private static TurboJpegHandle Create(Func<nint> init)
    {
        nint raw;
        try
        {
            raw = init();
        }
        catch (DllNotFoundException missing)
        {
            throw new InvalidOperationException("libturbojpeg.so.0 is missing: install the Debian package libturbojpeg0 (apt-get install libturbojpeg0)", missing);
        }

        if (raw == 0)
            throw new InvalidOperationException("TurboJPEG could not be initialised: out of memory");
        var result = new TurboJpegHandle();
        result.SetHandle(raw);
        return result;
    }
}
