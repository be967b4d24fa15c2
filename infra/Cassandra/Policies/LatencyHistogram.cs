namespace Cassandra;

/// <summary>
/// Recent latencies in buckets that are 9 % wide (eight to the doubling), 0.1 ms to 100 s. When <see cref="HalvingAt"/> are counted, all buckets are halved, so
/// that old answers fade. Counting takes no lock; a count lost in a race does not matter.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int Buckets = 161;
    private const int PerDoubling = 8;
    private const double SmallestMs = 0.1;

    public const int HalvingAt = 20_000;

    private readonly int[] counts = new int[Buckets];
    private int total;

    public void Record(TimeSpan latency)
    {
        double doublings = Math.Log2(Math.Max(latency.TotalMilliseconds, SmallestMs) / SmallestMs);
        Interlocked.Increment(ref counts[Math.Min((int)Math.Ceiling(doublings * PerDoubling), Buckets - 1)]);
        if (Interlocked.Increment(ref total) == HalvingAt)
        {
            Halve();
        }
    }

    /// <summary>The upper edge, in whole ms (at least 1), of the bucket that holds the percentile; null with fewer samples.</summary>
    public long? PercentileMs(double percentile, int minSamples)
    {
        if (Volatile.Read(ref total) < minSamples)
        {
            return null;
        }
        long sum = counts.Sum(count => (long)count);
        double wanted = sum * percentile / 100;
        long seen = 0;
        for (int bucket = 0; bucket < Buckets; bucket++)
        {
            seen += counts[bucket];
            if (seen >= wanted)
            {
                return Math.Max(1, (long)Math.Ceiling(SmallestMs * Math.Pow(2, (double)bucket / PerDoubling)));
            }
        }
        return null;
    }

    private void Halve()
    {
        int left = 0;
        for (int bucket = 0; bucket < Buckets; bucket++)
        {
            left += counts[bucket] /= 2;
        }
        Volatile.Write(ref total, left);
    }
}
