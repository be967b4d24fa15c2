using System.Runtime.InteropServices;
using StreamPlatform.Topology.Ports;
using static StreamPlatform.Speech.PocketSphinxNative;

namespace StreamPlatform.Speech;

/// <summary>One native decoder. Not safe for concurrent calls.</summary>
/// <remarks>
/// A segment is given to the engine as one full utterance and every stream starts anew, so the result depends on the segment alone
/// (cepstral means and noise levels carried over from other people's speech would make it depend on the order of work).
/// </remarks>
internal sealed unsafe class PocketSphinxDecoder : IDisposable
{
    private readonly nint logmath;
    private nint decoder;

    public PocketSphinxDecoder(PocketSphinxOptions options)
    {
        err_set_logfp(0);
        string model = options.ModelDirectory;
        string[] arguments =
        [
            "-hmm", Path.Combine(model, "en-us"),
            "-lm", Path.Combine(model, "en-us.lm.bin"),
            "-dict", Path.Combine(model, "cmudict-en-us.dict"),
            "-bestpath", "yes", // the word lattice is what posterior probabilities come from
            "-maxhmmpf", options.MaxHmmsPerFrame.ToString(),
            "-ds", options.DownsamplingRatio.ToString(),
            .. options.ExtraArguments,
        ];
        nint config = Parse(arguments);
        try
        {
            decoder = ps_init(config);
        }
        finally
        {
            _ = cmd_ln_free_r(config); // the decoder holds its own reference
        }
        if (decoder == 0)
        {
            throw new SpeechEngineUnavailableException($"pocketsphinx could not load its model from {model}: reinstall the package pocketsphinx-en-us.");
        }
        logmath = ps_get_logmath(decoder);
    }

    /// <summary>Decodes one segment to its end; about 0.2 s per second of speech.</summary>
    public RecognizedSpeech Decode(ReadOnlySpan<short> samples)
    {
        ObjectDisposedException.ThrowIf(decoder == 0, this);
        Check(ps_start_stream(decoder), nameof(ps_start_stream));
        Check(ps_start_utt(decoder), nameof(ps_start_utt));
        fixed (short* first = samples)
        {
            int result = ps_process_raw(decoder, first, (nuint)samples.Length, 0, 1);
            Check(ps_end_utt(decoder), nameof(ps_end_utt));
            Check(result, nameof(ps_process_raw));
        }
        return ReadWords();
    }

    public void Dispose()
    {
        if (decoder != 0)
        {
            _ = ps_free(decoder);
            decoder = 0;
        }
    }

    private static nint Parse(string[] arguments)
    {
        nint* values = stackalloc nint[arguments.Length];
        for (int i = 0; i < arguments.Length; i++)
        {
            values[i] = Marshal.StringToCoTaskMemUTF8(arguments[i]);
        }
        try
        {
            nint config = cmd_ln_parse_r(0, ps_args(), arguments.Length, values, 1);
            return config != 0
                ? config
                : throw new SpeechEngineUnavailableException($"{DecoderLibrary} refused the arguments {string.Join(' ', arguments)}: install version 0.8+5prealpha.");
        }
        finally
        {
            for (int i = 0; i < arguments.Length; i++)
            {
                Marshal.FreeCoTaskMem(values[i]);
            }
        }
    }

    /// <summary>The words of the best path and the mean of their posterior probabilities, weighted by length in frames.</summary>
    private RecognizedSpeech ReadWords()
    {
        List<string> words = [];
        double weighted = 0;
        long frames = 0;
        for (nint segment = ps_seg_iter(decoder); segment != 0; segment = ps_seg_next(segment))
        {
            string raw = Marshal.PtrToStringUTF8(ps_seg_word(segment)) ?? "";
            if (!IsWord(raw))
            {
                continue;
            }
            words.Add(WithoutVariant(raw));
            ps_seg_frames(segment, out int first, out int last);
            double posterior = logmath_exp(logmath, ps_seg_prob(segment, out _, out _, out _));
            int length = Math.Max(1, last - first + 1);
            weighted += Math.Clamp(posterior, 0, 1) * length;
            frames += length;
        }
        return new(string.Join(' ', words), frames == 0 ? 0f : (float)(weighted / frames));
    }

    // <s>, </s>, <sil> and [NOISE], [SPEECH] are fillers.
    private static bool IsWord(string raw) => raw.Length > 0 && raw[0] is not ('<' or '[' or '+');

    // The dictionary numbers a word's other pronunciations: "the(2)".
    private static string WithoutVariant(string raw)
    {
        int bracket = raw.IndexOf('(');
        return (bracket > 0 ? raw[..bracket] : raw).ToLowerInvariant();
    }

    private static void Check(int result, string call)
    {
        if (result < 0)
        {
            throw new InvalidOperationException($"pocketsphinx: {call} failed with {result}.");
        }
    }
}
