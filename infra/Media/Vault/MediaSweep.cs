using Microsoft.Extensions.Logging;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Media.Vault;

/// <summary>
/// Removes what is due and reconciles the two stores. Whatever a crash left between them is gone, or told, after the next run; a run that is cut short is continued by
/// the next. One run at a time: the caller sees to it.
/// </summary>
public sealed class MediaSweep(IObjectStore objects, IMediaCatalog catalog, MediaRetention retention, TimeProvider time, ILogger<MediaSweep> logger)
{
    private const int Batch = 500;

    /// <summary>One run.</summary>
    /// <exception cref="IOException">The object store cannot be asked.</exception>
    /// <exception cref="Streams.TransientException">The catalogue cannot be asked.</exception>
    public async Task<MediaCleanUp> RunAsync(CancellationToken cancellationToken)
    {
        var due = await RemoveDueAsync(cancellationToken).ConfigureAwait(false);
        var began = time.GetUtcNow();
        var orphans = await RemoveOrphansAsync(began, cancellationToken).ConfigureAwait(false);
        var missing = await ReportMissingAsync(began, cancellationToken).ConfigureAwait(false);
        var leftovers = await objects.DeleteLeftoversAsync(retention.Grace, cancellationToken).ConfigureAwait(false);
        var done = new MediaCleanUp(due.Count, due.Bytes, orphans, missing, leftovers);
        MediaMetrics.Count(done);
        if (done.Any)
        {
            Log.CleanedUp(logger, done.Due, done.DueBytes, done.Orphans, done.Missing, done.Leftovers);
        }

        return done;
    }

    /// <summary>Row marked, object deleted, row deleted: after a crash the marked row is taken again.</summary>
    private async Task<(int Count, long Bytes)> RemoveDueAsync(CancellationToken cancellationToken)
    {
        var count = 0;
        long bytes = 0;
        while (count < retention.MaxDeletions)
        {
            var due = await catalog.TakeDueAsync(time.GetUtcNow().ToUnixTimeMilliseconds(), Math.Min(Batch, retention.MaxDeletions - count), cancellationToken).ConfigureAwait(false);
            if (due.Count == 0)
            {
                break;
            }

            foreach (var entry in due)
            {
                await objects.DeleteAsync(entry.Key, cancellationToken).ConfigureAwait(false);
                await catalog.RemoveAsync(entry.Key, cancellationToken).ConfigureAwait(false);
                count++;
                bytes += entry.Bytes;
            }
        }

        return (count, bytes);
    }

    /// <summary>Reads the whole store in batches, notes in the catalogue what is there, deletes what has no row and is older than the grace.</summary>
    private async Task<int> RemoveOrphansAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var oldest = (now - retention.Grace).ToUnixTimeMilliseconds();
        var removed = 0;
        List<StoredObject> batch = [];
        await foreach (var found in objects.ListAsync(MediaVault.Prefix, cancellationToken).ConfigureAwait(false))
        {
            batch.Add(found);
            if (batch.Count == Batch)
            {
                await FlushAsync().ConfigureAwait(false);
            }
        }

        await FlushAsync().ConfigureAwait(false);
        return removed;

        async Task FlushAsync()
        {
            if (batch.Count > 0)
            {
                var known = await catalog.SeenAsync([.. batch.Select(o => o.Key)], time.GetUtcNow().ToUnixTimeMilliseconds(), cancellationToken).ConfigureAwait(false);
                foreach (var orphan in batch.Where(o => o.StoredAtMs < oldest && !known.Contains(o.Key)).Take(Math.Max(0, retention.MaxDeletions - removed)))
                {
                    await objects.DeleteAsync(orphan.Key, cancellationToken).ConfigureAwait(false);
                    removed++;
                }

                batch.Clear();
            }
        }
    }

    /// <summary>Rows whose object was not among those read: asked for once more, then marked.</summary>
    private async Task<int> ReportMissingAsync(DateTimeOffset began, CancellationToken cancellationToken)
    {
        var missing = 0;
        var unseen = await catalog.UnseenAsync((began - retention.Grace).ToUnixTimeMilliseconds(), began.ToUnixTimeMilliseconds(), Batch, cancellationToken).ConfigureAwait(false);
        foreach (var key in unseen)
        {
            var content = await objects.OpenAsync(key, cancellationToken).ConfigureAwait(false);
            if (content is not null)
            {
                await content.DisposeAsync().ConfigureAwait(false);
                continue;
            }

            await catalog.MarkMissingAsync(key, time.GetUtcNow().ToUnixTimeMilliseconds(), cancellationToken).ConfigureAwait(false);
            missing++;
        }

        return missing;
    }
}

/// <summary>What a run removed and found.</summary>
/// <param name="Due">Objects whose time was over, or that somebody had marked.</param>
/// <param name="DueBytes">Their plain bytes.</param>
/// <param name="Orphans">Objects without a row.</param>
/// <param name="Missing">Rows without an object.</param>
/// <param name="Leftovers">Pieces of writes that were cut short.</param>
public sealed record MediaCleanUp(int Due, long DueBytes, int Orphans, int Missing, int Leftovers)
{
    public bool Any => Due + Orphans + Missing + Leftovers > 0;
}
