namespace StreamPlatform.Postgres.Replica;

/// <summary>How fresh the reads of the work under way must be; flows with async calls. Outside a scope any usable replica will do.</summary>
public static class ReadScope
{
    private static readonly AsyncLocal<long> AsOf = new();

    /// <summary>Nothing but the primary will do.</summary>
    public const long Primary = long.MaxValue;

    /// <summary>Unix milliseconds: reads must show what the primary held then. 0 = whatever the replica holds.</summary>
    public static long AsOfMs => AsOf.Value;

    /// <summary>Until disposed, reads must show what the primary held at the time (Unix milliseconds), or come from the <see cref="Primary"/>.</summary>
    public static IDisposable Enter(long asOfMs)
    {
        var before = AsOf.Value;
        AsOf.Value = asOfMs;
        return new Leaving(before);
    }

    private sealed class Leaving(long before) : IDisposable
    {
        public void Dispose() => AsOf.Value = before;
    }
}
