using Microsoft.Extensions.Logging;
using StreamPlatform.Media.Vault;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Media.Answers;

/// <summary>
/// Gathers the audio chunks of each answer whose candidate consents to it, and keeps each answer as an object. Positions are committed by <see cref="SafeOffset"/>: never
/// beyond the first chunk of an answer that is not kept yet, so that after a crash its chunks come again; what the catalogue says is kept already is left out then.
/// Not safe for concurrent use. After any exception it is thrown away, and the next one begins at what was committed.
/// </summary>
public sealed class AnswerRecorder(MediaVault vault, RecordingOptions options, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private readonly Dictionary<string, Hearing> hearings = new(StringComparer.Ordinal); // bounded by RecordingOptions.MaxOpen
    private readonly List<Writing> writings = []; // bounded by RecordingOptions.MaxWrites
    private readonly CancellationTokenSource stopping = new();

    /// <summary>Answers, and parts of answers, that were stored.</summary>
    public int Stored { get; private set; }

    /// <summary>Answers that are being gathered or stored.</summary>
    public int Open => hearings.Values.Count(h => h.Sound is not null) + writings.Count;

    /// <summary>Takes a chunk; those of one session come in the order of their offsets.</summary>
    /// <exception cref="IOException">The object store did not take an answer.</exception>
    /// <exception cref="Streams.TransientException">The catalogue cannot be asked.</exception>
    public async Task TakeAsync(AudioChunk chunk, int partition, long offset, CancellationToken cancellationToken)
    {
        if (!hearings.TryGetValue(chunk.SessionId, out var hearing))
        {
            if (chunk.Recording is null)
            {
                return; // nothing of this session is kept, as far as it is known
            }

            await MakeRoomAsync(cancellationToken).ConfigureAwait(false);
            hearing = new Hearing(partition, await KeptAsync(chunk.SessionId, cancellationToken).ConfigureAwait(false));
            hearings.Add(chunk.SessionId, hearing);
        }

        if (chunk.Sequence <= hearing.LastSequence)
        {
            return; // a repetition
        }

        hearing.LastSequence = chunk.Sequence;
        hearing.HeardAt = time.GetTimestamp();
        if (hearing.Sound is { } sound && (!sound.Continues(chunk) || sound.Bytes + chunk.Data.Length > options.PartBytes))
        {
            await CloseAsync(hearing, cancellationToken).ConfigureAwait(false);
        }

        if (chunk.Recording is not null && !chunk.Data.IsEmpty && !hearing.IsKept(chunk.Sequence))
        {
            Add(hearing, chunk, partition, offset);
        }

        if (chunk.EndOfAnswer)
        {
            await CloseAsync(hearing, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Closes what was silent for long, and notices what was stored, or could not be.</summary>
    /// <exception cref="IOException">The object store did not take an answer.</exception>
    /// <exception cref="Streams.TransientException">The catalogue cannot be asked.</exception>
    public async Task TickAsync(CancellationToken cancellationToken)
    {
        foreach (var (session, hearing) in hearings.Where(h => time.GetElapsedTime(h.Value.HeardAt) >= options.Idle).ToList())
        {
            await CloseAsync(hearing, cancellationToken).ConfigureAwait(false);
            hearings.Remove(session);
        }

        await ReapAsync().ConfigureAwait(false);
    }

    /// <summary>Up to where a partition's records are done with.</summary>
    /// <param name="next">Offset of the record that comes next.</param>
    public long SafeOffset(int partition, long next) => hearings.Values.Select(h => h.Sound).OfType<AnswerSound>().Concat(writings.Select(w => w.Sound))
        .Where(s => s.Partition == partition).Select(s => s.Offset).Append(next).Min();

    /// <summary>Lets go of a partition that another instance has now. What is being stored of it is finished; should the other keep it as well, the catalogue takes one.</summary>
    public void Forget(int partition)
    {
        foreach (var (session, hearing) in hearings.Where(h => h.Value.Partition == partition).ToList())
        {
            hearing.Sound?.Dispose();
            hearings.Remove(session);
        }
    }

    /// <summary>Waits until everything that is being stored is stored.</summary>
    /// <exception cref="IOException">The object store did not take an answer.</exception>
    /// <exception cref="Streams.TransientException">The catalogue cannot be asked.</exception>
    public async Task DrainAsync()
    {
        await Task.WhenAll(writings.Select(w => w.Stored)).ConfigureAwait(false);
        await ReapAsync().ConfigureAwait(false);
    }

    /// <summary>Gives up what is not stored yet: it comes again.</summary>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync().ConfigureAwait(false);
        foreach (var writing in writings)
        {
            await writing.Stored.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // told already, or given up
            writing.Sound.Dispose();
        }

        foreach (var hearing in hearings.Values)
        {
            hearing.Sound?.Dispose();
        }

        stopping.Dispose();
    }

    private async Task<IReadOnlyList<AnswerPart>> KeptAsync(string session, CancellationToken cancellationToken) =>
        [.. (await vault.OfSessionAsync(session, cancellationToken).ConfigureAwait(false)).Select(entry => entry.Part).OfType<AnswerPart>()];

    private void Add(Hearing hearing, AudioChunk chunk, int partition, long offset)
    {
        var sound = hearing.Sound ??= new AnswerSound(chunk, partition, offset);
        try
        {
            sound.Add(chunk);
        }
        catch (UnreadableAudioException unreadable)
        {
            Log.Unreadable(logger, chunk.SessionId, chunk.Sequence, unreadable.Message); // the transcription puts it among the dead letters
        }
    }

    private async Task CloseAsync(Hearing hearing, CancellationToken cancellationToken)
    {
        if (hearing.Sound is not { } sound)
        {
            return;
        }

        while (writings.Count >= options.MaxWrites)
        {
            await Task.WhenAny(writings.Select(w => w.Stored)).WaitAsync(cancellationToken).ConfigureAwait(false);
            await ReapAsync().ConfigureAwait(false);
        }

        if (sound.Finish() is { } finished)
        {
            writings.Add(new Writing(sound, StoreAsync(finished.Source, finished.Content)));
        }
        else
        {
            sound.Dispose();
        }

        hearing.Sound = null; // not before: what could not be finished holds the position back
    }

    private async Task StoreAsync(MediaSource source, Stream content)
    {
        try
        {
            var kept = await vault.KeepAsync(source, content, stopping.Token).ConfigureAwait(false);
            RecordingMetrics.Kept(kept.Bytes);
            Log.AnswerKept(logger, source.SessionId, source.Part!.QuestionIndex, kept.Bytes, source.Part.DurationMs);
        }
        catch (InvalidDataException e)
        {
            Log.AnswerLost(logger, source.SessionId, source.Part!.QuestionIndex, e); // no attempt would ever store it
        }
    }

    private async Task ReapAsync()
    {
        foreach (var writing in writings.Where(w => w.Stored.IsCompleted).ToList())
        {
            await writing.Stored.ConfigureAwait(false);
            Stored++;
            writing.Sound.Dispose();
            writings.Remove(writing);
        }
    }

    /// <summary>Forgets sessions between answers, then closes the answer that was silent for longest.</summary>
    private async Task MakeRoomAsync(CancellationToken cancellationToken)
    {
        if (hearings.Count < options.MaxOpen)
        {
            return;
        }

        var (session, hearing) = hearings.OrderBy(h => h.Value.Sound is not null).ThenBy(h => h.Value.HeardAt).First();
        await CloseAsync(hearing, cancellationToken).ConfigureAwait(false);
        hearings.Remove(session);
    }

    /// <summary>A session of which something is kept.</summary>
    private sealed class Hearing(int partition, IReadOnlyList<AnswerPart> kept)
    {
        public int Partition => partition;

        public long LastSequence { get; set; }

        public long HeardAt { get; set; }

        /// <summary>The answer in progress; null between answers.</summary>
        public AnswerSound? Sound { get; set; }

        /// <summary>A process before this one has kept the chunk.</summary>
        public bool IsKept(long sequence) => kept.Any(p => p.FirstSequence <= sequence && sequence <= p.LastSequence);
    }

    private sealed record Writing(AnswerSound Sound, Task Stored);
}
