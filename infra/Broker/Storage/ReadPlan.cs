using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Storage;

/// <summary>
/// Which bytes of which segment answer a fetch of one partition. Holds a reference on the segment until <see cref="Dispose"/>;
/// <see cref="Read"/> copies the bytes out once.
/// </summary>
internal readonly struct ReadPlan(
    ErrorCode error, long highWatermark, long lastStableOffset, long logStartOffset, Segment? segment, int position, int length, List<AbortedTransaction>? aborted) : IDisposable
{
    public ErrorCode Error => error;
    public long HighWatermark => highWatermark;
    public long LastStableOffset => lastStableOffset;
    public long LogStartOffset => logStartOffset;
    /// <summary>Bytes of whole batches.</summary>
    public int Length => length;
    public IReadOnlyList<AbortedTransaction>? Aborted => aborted;

    /// <summary>Fills <paramref name="target"/>, which is <see cref="Length"/> long. IOException if the file is shorter than the log believes.</summary>
    public void Read(Span<byte> target)
    {
        var done = 0;
        while (done < target.Length)
        {
            var read = RandomAccess.Read(segment!.File, target[done..], position + done);
            if (read == 0)
            {
                throw new IOException($"log segment {segment.Path} ends at {position + done}, {target.Length - done} bytes short");
            }
            done += read;
        }
    }

    public void Dispose() => segment?.Release();
}
