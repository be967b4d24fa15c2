using System.Runtime.InteropServices;

namespace StreamPlatform.Speech.Opus;

/// <summary>The part of libopus's C API (opus.h, version 1) that decoding needs.</summary>
internal static unsafe partial class OpusNative
{
    public const string Library = "libopus.so.0";

    [LibraryImport(Library)]
    public static partial int opus_decoder_get_size(int channels);

    /// <summary>Makes a decoder in memory of that size; 0 = good.</summary>
    [LibraryImport(Library)]
    public static partial int opus_decoder_init(void* decoder, int sampleRateHz, int channels);

    /// <summary>Samples written, or a negative error.</summary>
    [LibraryImport(Library)]
    public static partial int opus_decode(void* decoder, byte* packet, int bytes, short* samples, int maxSamples, int forwardErrorCorrection);
}
