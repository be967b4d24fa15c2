namespace StreamPlatform.Cli.Analyse;

/// <summary>Plays the sound of a recording beside its picture, as one spoken answer. Holds one chunk back, since the last one ends the answer.</summary>
internal sealed class SoundTrack(RecordingReader reader, RecordedInterview interview, RecordingClock clock, TimeSpan max)
{
    private static readonly TimeSpan ChunkLength = TimeSpan.FromMilliseconds(500);
    private ReadOnlyMemory<byte> held;
    private TimeSpan heldEnds;
    private bool over;

    /// <summary>Sends every chunk that has ended at <paramref name="position"/>.</summary>
    public async Task PlayUntilAsync(TimeSpan position, CancellationToken ct)
    {
        while (!over && heldEnds <= position)
        {
            await NextAsync(ct);
        }
    }

    /// <summary>Sends the rest and ends the answer.</summary>
    public async Task PlayToEndAsync(CancellationToken ct)
    {
        while (!over)
        {
            await NextAsync(ct);
        }
    }

    private async Task NextAsync(CancellationToken ct)
    {
        var next = heldEnds >= max ? ReadOnlyMemory<byte>.Empty : await reader.NextSoundAsync(ct);
        over = next.IsEmpty;
        if (!held.IsEmpty || over)
        {
            clock.Position = heldEnds > clock.Position ? heldEnds : clock.Position;
            await interview.SoundAsync(held, last: over);
        }

        held = next;
        heldEnds += ChunkLength;
    }
}
