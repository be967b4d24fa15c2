using Cassandra;

namespace StreamPlatform.EmotionSeries;

/// <summary>Sends requests side by side, bounded over all callers, and makes one request of rows that share a partition.</summary>
internal sealed class SeriesRequests(ISession session, CassandraSeriesOptions options) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(options.MaxInFlight);

    /// <summary>All rows that a statement with a LIMIT of at most a page finds.</summary>
    public Task<List<Row>> ReadAsync(string what, PreparedStatement statement, CancellationToken ct, params object?[] values) =>
        CassandraFailures.ClassifyAsync(what, async () =>
        {
            var rows = new List<Row>();
            await foreach (var row in (await session.ExecuteAsync(statement.Bind(values), ct).ConfigureAwait(false)).ReadAllAsync(ct).ConfigureAwait(false))
            {
                rows.Add(row);
            }

            return rows;
        });

    /// <summary>Rows by partition, in requests of at most <see cref="CassandraSeriesOptions.RowsPerRequest"/>: an unlogged batch of one partition is one write of the server.</summary>
    public IEnumerable<IStatement> Batches<T, TPartition>(PreparedStatement statement, IEnumerable<T> rows, Func<T, TPartition> partition, Func<T, object?[]> values)
    {
        foreach (var part in rows.GroupBy(partition))
        {
            foreach (var chunk in part.Chunk(options.RowsPerRequest))
            {
                yield return chunk.Length == 1 ? statement.Bind(values(chunk[0])) : Batch(statement, chunk, values);
            }
        }
    }

    /// <summary>Sends all, and ends when each has been answered, whatever became of the others. Statements are made as they are sent.</summary>
    /// <exception cref="Streams.TransientException">At least one failed by what passes by itself, and none by anything else.</exception>
    public async Task WriteAsync(string what, IEnumerable<IStatement> statements, CancellationToken ct)
    {
        var sent = new List<Task>();
        try
        {
            foreach (var statement in statements)
            {
                await _gate.WaitAsync(ct).ConfigureAwait(false);
                sent.Add(SendAsync(statement, ct));
                if (sent.Count >= options.MaxInFlight)
                {
                    sent.RemoveAll(task => task.IsCompletedSuccessfully);
                }

                if (sent.Exists(task => task.IsFaulted))
                {
                    break; // the batch is written again as a whole
                }
            }
        }
        finally
        {
            await Task.WhenAll(sent).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).ConfigureAwait(false);
        }

        var failures = sent.Where(task => task.IsFaulted).Select(task => task.Exception!.InnerException!).ToArray();
        if (failures.FirstOrDefault(error => !CassandraFailures.IsTransient(error)) is { } final)
        {
            throw final;
        }

        if (failures.Length > 0)
        {
            throw CassandraFailures.Transient(what, failures[0]);
        }

        ct.ThrowIfCancellationRequested();
    }

    public void Dispose() => _gate.Dispose();

    private async Task SendAsync(IStatement statement, CancellationToken ct)
    {
        try
        {
            await session.ExecuteAsync(statement, ct).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    private static BatchStatement Batch<T>(PreparedStatement statement, T[] rows, Func<T, object?[]> values)
    {
        var batch = new BatchStatement().SetBatchType(BatchType.Unlogged);
        foreach (var row in rows)
        {
            batch.Add(statement.Bind(values(row)));
        }

        batch.SetIdempotence(true).SetConsistencyLevel(ConsistencyLevel.LocalQuorum);
        return batch;
    }
}
