namespace StreamPlatform.Postgres.Replica;

/// <summary>
/// Up to which time a replica shows the primary's rows, from WAL positions alone (no clocks are compared): a position that the primary had
/// at a time, once replayed, makes the replica as fresh as that time. https://www.postgresql.org/docs/current/functions-admin.html
/// </summary>
/// <param name="maxSamples">Positions remembered; older ones are forgotten, which only makes the watermark more careful.</param>
internal sealed class WalWatermark(int maxSamples)
{
    private readonly Queue<(long AtMs, ulong Position)> samples = new();

    /// <summary>Unix milliseconds; 0 = nothing is known yet.</summary>
    public long AsOfMs { get; private set; }

    /// <param name="atMs">When the primary was asked; rises.</param>
    /// <param name="position">What it had written.</param>
    public void Wrote(long atMs, ulong position)
    {
        samples.Enqueue((atMs, position));
        while (samples.Count > maxSamples)
        {
            samples.Dequeue();
        }
    }

    /// <param name="position">What the replica has replayed.</param>
    public void Replayed(ulong position)
    {
        while (samples.TryPeek(out var oldest) && oldest.Position <= position)
        {
            AsOfMs = oldest.AtMs;
            samples.Dequeue();
        }
    }
}
