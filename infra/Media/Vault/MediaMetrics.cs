using System.Diagnostics.Metrics;

namespace StreamPlatform.Media.Vault;

/// <summary>Counts of the clean-up.</summary>
internal static class MediaMetrics
{
    private static readonly Meter Meter = new("StreamPlatform.Media");
    private static readonly Counter<long> Removed = Meter.CreateCounter<long>("streamplatform.media.removed", "{object}", "Media objects removed, by reason");
    private static readonly Counter<long> Lost = Meter.CreateCounter<long>("streamplatform.media.missing", "{object}", "Rows whose object is not in the store");

    public static void Count(MediaCleanUp done)
    {
        Add("due", done.Due);
        Add("orphan", done.Orphans);
        Add("leftover", done.Leftovers);
        if (done.Missing > 0)
        {
            Lost.Add(done.Missing);
        }
    }

    private static void Add(string reason, int count)
    {
        if (count > 0)
        {
            Removed.Add(count, new KeyValuePair<string, object?>("reason", reason));
        }
    }
}
