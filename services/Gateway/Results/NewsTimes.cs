namespace StreamPlatform.Gateway.Results;

/// <summary>
/// When the last news of each session came. What is read to be kept must show the database as of then: a replica that is behind it would bring back for an hour what the
/// news has just dropped. Bounded: sessions of one hash share a time. Safe for concurrent use.
/// </summary>
internal sealed class NewsTimes(TimeProvider time)
{
    private const int Stripes = 1024;

    private readonly long[] heardAtMs = new long[Stripes];
    private long allHeardAtMs;

    /// <summary>Unix milliseconds; 0 = there was no news.</summary>
    public long Of(string sessionId) => Math.Max(Interlocked.Read(ref allHeardAtMs), Interlocked.Read(ref Stripe(sessionId)));

    /// <summary>A row of the session has changed.</summary>
    public void Heard(string sessionId) => Interlocked.Exchange(ref Stripe(sessionId), NowMs());

    /// <summary>A row of any session may have changed.</summary>
    public void HeardOfAll() => Interlocked.Exchange(ref allHeardAtMs, NowMs());

    private ref long Stripe(string sessionId) => ref heardAtMs[(uint)sessionId.GetHashCode(StringComparison.Ordinal) % Stripes];

    private long NowMs() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
