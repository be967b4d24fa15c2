using System.Runtime.InteropServices;
using System.Threading.Channels;
using StreamPlatform.Streams;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Speech;

/// <summary>
/// Offline English speech recognition by CMU pocketsphinx: a bounded pool of native decoders, made on first need, each call on a thread of its own.
/// </summary>
/// <remarks>
/// Confidence is the mean posterior probability of the words, weighted by their length. A cancelled call returns at once; its decoder goes back
/// to the pool when it has finished the segment (the engine cannot be interrupted inside one).
/// </remarks>
public sealed class PocketSphinxRecognizer : ISpeechRecognizer, IAsyncDisposable
{
    /// <summary>30 s of 16 kHz PCM16.</summary>
    public const int MaxSegmentBytes = 30 * 16_000 * 2;

    // Below 0.1 s there is less than one phone: the engine only errs.
    private const int MinSegmentBytes = 3_200;

    private readonly PocketSphinxOptions options;
    private readonly Channel<PocketSphinxDecoder?> pool;
    private int waiting;
    private int disposed;

    public PocketSphinxRecognizer(PocketSphinxOptions options)
    {
        options.Validate();
        this.options = options;
        string? missing = FindMissing(options);
        if (missing is not null)
        {
            throw new SpeechEngineUnavailableException(missing);
        }
        pool = Channel.CreateBounded<PocketSphinxDecoder?>(options.MaxDecoders);
        for (int i = 0; i < options.MaxDecoders; i++)
        {
            pool.Writer.TryWrite(null); // a place for a decoder not made yet
        }
    }

    public string Engine => "pocketsphinx";

    /// <summary>What is missing and how to get it; null when the engine can run.</summary>
    public static string? FindMissing(PocketSphinxOptions options)
    {
        foreach (string library in (string[])[PocketSphinxNative.BaseLibrary, PocketSphinxNative.DecoderLibrary])
        {
            if (!NativeLibrary.TryLoad(library, typeof(PocketSphinxNative).Assembly, null, out _))
            {
                return $"Speech recognition needs {library}: apt-get install libpocketsphinx3 pocketsphinx-en-us.";
            }
        }
        foreach (string part in (string[])["en-us/mdef", "en-us.lm.bin", "cmudict-en-us.dict"])
        {
            string path = Path.Combine(options.ModelDirectory, part);
            if (!File.Exists(path))
            {
                return $"Speech recognition needs {path}: apt-get install pocketsphinx-en-us, or set PocketSphinx:ModelDirectory.";
            }
        }
        return null;
    }

    /// <exception cref="PoisonException">The segment is longer than 30 s or not a whole number of samples.</exception>
    /// <exception cref="RecognizerBusyException">Too many calls wait already: retryable.</exception>
    public async ValueTask<RecognizedSpeech> RecognizeAsync(ReadOnlyMemory<byte> pcm16, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref disposed) != 0, this);
        if (pcm16.Length > MaxSegmentBytes || pcm16.Length % 2 != 0)
        {
            throw new PoisonException($"A segment is PCM16, an even number of bytes, at most {MaxSegmentBytes}; this one has {pcm16.Length}.");
        }
        if (pcm16.Length < MinSegmentBytes)
        {
            return new("", 0f);
        }
        PocketSphinxDecoder? decoder = await TakeAsync(cancellationToken).ConfigureAwait(false);
        return await DecodeAsync(decoder, pcm16, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Only with a decoder that has nothing to do.</summary>
    public async ValueTask<RecognizedSpeech?> TryRecognizeInterimAsync(ReadOnlyMemory<byte> pcm16, CancellationToken cancellationToken)
    {
        bool fit = pcm16.Length is >= MinSegmentBytes and <= MaxSegmentBytes && Volatile.Read(ref waiting) == 0;
        return fit && pool.Reader.TryRead(out PocketSphinxDecoder? decoder)
            ? await DecodeAsync(decoder, pcm16, cancellationToken).ConfigureAwait(false)
            : null;
    }

    private async Task<RecognizedSpeech> DecodeAsync(PocketSphinxDecoder? decoder, ReadOnlyMemory<byte> pcm16, CancellationToken cancellationToken)
    {
        // Copied, because after a cancellation the caller may reuse its buffer while the decoder still reads.
        short[] samples = MemoryMarshal.Cast<byte, short>(pcm16.Span).ToArray();
        Task<RecognizedSpeech> work = Task.Factory.StartNew(
            () => DecodeAndReturn(decoder, samples, cancellationToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return await work.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits for calls in progress and frees the decoders.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0)
        {
            return;
        }
        for (int i = 0; i < options.MaxDecoders; i++)
        {
            (await pool.Reader.ReadAsync().ConfigureAwait(false))?.Dispose();
        }
        pool.Writer.Complete();
    }

    private async ValueTask<PocketSphinxDecoder?> TakeAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref waiting) > options.MaxWaiting)
        {
            Interlocked.Decrement(ref waiting);
            throw new RecognizerBusyException(options.MaxWaiting);
        }
        try
        {
            return await pool.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException closed)
        {
            throw new ObjectDisposedException("The recogniser was disposed while a segment waited for it.", closed);
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }
    }

    private RecognizedSpeech DecodeAndReturn(PocketSphinxDecoder? decoder, short[] samples, CancellationToken cancellationToken)
    {
        bool intact = false;
        try
        {
            cancellationToken.ThrowIfCancellationRequested(); // before the costly part
            decoder ??= new PocketSphinxDecoder(options);
            RecognizedSpeech speech = decoder.Decode(samples);
            intact = true;
            return speech;
        }
        catch (OperationCanceledException)
        {
            intact = true;
            throw;
        }
        finally
        {
            if (!intact)
            {
                decoder?.Dispose(); // its state is unknown: the next call makes a new one
                decoder = null;
            }
            pool.Writer.TryWrite(decoder); // never full: each place is written back once
        }
    }
}
