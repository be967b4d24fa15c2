namespace StreamPlatform.Tests.Unit.Streams.Simulation.Shapes;

/// <summary>Feeds keys so that none is silent for long, however long the feeding: what closes by silence while events are on their way was closed too early.</summary>
internal sealed class SteadyKeys(Scheduler scheduler, int keys)
{
    /// <summary>Silence that no key reaches before its last event, by far.</summary>
    public const int IdleMs = 3_000;
    private const int OverdueMs = 1_000;
    private readonly long[] fedAtMs = new long[keys];

    private bool Overdue => scheduler.NowMs - fedAtMs.Min() > OverdueMs;

    public string Next()
    {
        var key = Overdue ? Array.IndexOf(fedAtMs, fedAtMs.Min()) : scheduler.Random.Next(keys);
        fedAtMs[key] = scheduler.NowMs;
        return $"k{key}";
    }

    public int PauseMs() => scheduler.Between(0, !Overdue && scheduler.Chance(0.2) ? 600 : 10);
}
