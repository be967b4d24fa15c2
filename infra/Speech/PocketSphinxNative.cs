using System.Runtime.InteropServices;

namespace StreamPlatform.Speech;

/// <summary>The part of the C API of pocketsphinx 5prealpha (headers pocketsphinx.h, cmd_ln.h, err.h, logmath.h) that the recogniser calls.</summary>
internal static unsafe partial class PocketSphinxNative
{
    public const string DecoderLibrary = "libpocketsphinx.so.3";
    public const string BaseLibrary = "libsphinxbase.so.3";

    [LibraryImport(BaseLibrary)]
    public static partial void err_set_logfp(nint stream);

    /// <summary>Parses name-value pairs into a new configuration; 0 when an argument is unknown and <paramref name="strict"/> is set.</summary>
    [LibraryImport(BaseLibrary)]
    public static partial nint cmd_ln_parse_r(nint config, nint definitions, int count, nint* arguments, int strict);

    [LibraryImport(BaseLibrary)]
    public static partial int cmd_ln_free_r(nint config);

    [LibraryImport(BaseLibrary)]
    public static partial double logmath_exp(nint logmath, int logProbability);

    [LibraryImport(DecoderLibrary)]
    public static partial nint ps_args();

    [LibraryImport(DecoderLibrary)]
    public static partial nint ps_init(nint config);

    [LibraryImport(DecoderLibrary)]
    public static partial int ps_free(nint decoder);

    [LibraryImport(DecoderLibrary)]
    public static partial nint ps_get_logmath(nint decoder);

    [LibraryImport(DecoderLibrary)]
    public static partial int ps_start_stream(nint decoder);

    [LibraryImport(DecoderLibrary)]
    public static partial int ps_start_utt(nint decoder);

    [LibraryImport(DecoderLibrary)]
    public static partial int ps_process_raw(nint decoder, short* samples, nuint count, int noSearch, int fullUtterance);

    [LibraryImport(DecoderLibrary)]
    public static partial int ps_end_utt(nint decoder);

    [LibraryImport(DecoderLibrary)]
    public static partial nint ps_seg_iter(nint decoder);

    [LibraryImport(DecoderLibrary)]
    public static partial nint ps_seg_next(nint segment);

    [LibraryImport(DecoderLibrary)]
    public static partial nint ps_seg_word(nint segment);

    [LibraryImport(DecoderLibrary)]
    public static partial void ps_seg_frames(nint segment, out int firstFrame, out int lastFrame);

    [LibraryImport(DecoderLibrary)]
    public static partial int ps_seg_prob(nint segment, out int acoustic, out int language, out int backoff);
}
