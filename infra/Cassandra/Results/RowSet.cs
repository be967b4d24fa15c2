using System.Collections;
using System.Runtime.CompilerServices;
using Cassandra.Protocol;

namespace Cassandra;

/// <summary>
/// The rows of a result, to be read once and by one reader; a next page may be fetched while it reads. With paging they come a page at a time: reading on asynchronously
/// (<c>await foreach</c>) fetches the next without blocking; plain enumeration blocks while it does, as in the official driver. It is no IAsyncEnumerable itself:
/// Where and Select of one that is both would be ambiguous.
/// </summary>
public sealed class RowSet : IEnumerable<Row>, IDisposable
{
    private readonly Func<byte[], CancellationToken, Task<RowSet>>? fetch;
    private readonly Lock? gate; // where there are further pages; guards what fetches change
    private readonly Queue<(RowsResult Page, ResultShape Shape)>? following;
    private ResultShape shape;
    private RowsResult? page;
    private int next;
    private Task fetching = Task.CompletedTask;

    internal RowSet(Response response, ResultShape shape, ExecutionInfo info, bool autoPage, Func<byte[], CancellationToken, Task<RowSet>>? fetch)
    {
        this.shape = shape;
        this.fetch = fetch;
        Info = info;
        AutoPage = autoPage;
        page = response as RowsResult;
        PagingState = page?.PagingState;
        if (fetch is not null)
        {
            gate = new Lock();
            following = [];
        }
    }

    /// <summary>Whether reading past a page fetches the next.</summary>
    public bool AutoPage { get; set; }

    /// <summary>Where the next page begins; null after the last.</summary>
    public byte[]? PagingState { get; private set; }

    /// <summary>How it was executed.</summary>
    public ExecutionInfo Info { get; }

    /// <summary>The columns.</summary>
    public CqlColumn[] Columns => shape.Columns;

    /// <summary>Whether no further page will be fetched.</summary>
    public bool IsFullyFetched => PagingState is null || !AutoPage;

    /// <summary>Rows that can be read without a fetch.</summary>
    public int GetAvailableWithoutFetching()
    {
        int left = page is null ? 0 : page.RowCount - next;
        if (gate is not null)
        {
            lock (gate)
            {
                left += following!.Sum(fetched => fetched.Page.RowCount);
            }
        }
        return left;
    }

    /// <summary>Whether no row is left; fetches if it has to, and blocks meanwhile.</summary>
    public bool IsExhausted()
    {
        while (!HasRow())
        {
            if (!MayHaveMore())
            {
                return true;
            }
            FetchMoreResults();
        }
        return false;
    }

    /// <summary>Fetches the next page, if there is one, and blocks meanwhile.</summary>
    public void FetchMoreResults() => FetchMoreResultsAsync().GetAwaiter().GetResult();

    /// <summary>
    /// Fetches the next page, if there is one; its rows follow those that are not read yet, which may be read meanwhile. Asked while a fetch is under way, it is
    /// that fetch that is waited for.
    /// </summary>
    public Task FetchMoreResultsAsync(CancellationToken ct = default)
    {
        if (gate is null)
        {
            return Task.CompletedTask;
        }
        lock (gate)
        {
            return !fetching.IsCompleted || PagingState is null ? fetching : fetching = FetchAsync(PagingState, ct);
        }
    }

    /// <summary>The rows that are left: the same as enumerating this.</summary>
    public IEnumerable<Row> GetRows() => this;

    /// <summary>Reads the rows that are left, fetching pages as it goes.</summary>
    public IEnumerator<Row> GetEnumerator()
    {
        while (!IsExhausted())
        {
            yield return Take();
        }
    }

    /// <summary>Reads the rows that are left, fetching pages as it goes without blocking.</summary>
    public IAsyncEnumerator<Row> GetAsyncEnumerator(CancellationToken cancellationToken = default) => ReadAllAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);

    /// <summary>The rows that are left, fetching pages as they are read without blocking.</summary>
    public async IAsyncEnumerable<Row> ReadAllAsync([EnumeratorCancellation] CancellationToken ct = default)
    {
        while (true)
        {
            while (HasRow())
            {
                yield return Take();
            }
            if (!MayHaveMore())
            {
                yield break;
            }
            await FetchMoreResultsAsync(ct).ConfigureAwait(false);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Drops what was not read.</summary>
    public void Dispose()
    {
        page = null;
        if (gate is not null)
        {
            lock (gate)
            {
                following!.Clear();
                PagingState = null;
            }
        }
    }

    private async Task FetchAsync(byte[] state, CancellationToken ct)
    {
        RowSet fetched = await fetch!(state, ct).ConfigureAwait(false);
        lock (gate!)
        {
            if (PagingState is null)
            {
                return; // disposed meanwhile
            }
            if (fetched.page is { } rows)
            {
                following!.Enqueue((rows, fetched.shape));
            }
            PagingState = fetched.PagingState;
        }
    }

    // moves to the next page when this one is read
    private bool HasRow()
    {
        while (page is null || next == page.RowCount)
        {
            if (gate is null)
            {
                return false;
            }
            lock (gate)
            {
                if (!following!.TryDequeue(out (RowsResult Page, ResultShape Shape) fetched))
                {
                    return false;
                }
                (page, shape, next) = (fetched.Page, fetched.Shape, 0);
            }
        }
        return true;
    }

    // after HasRow said no: a fetch that has ended in between has brought rows, or leads on
    private bool MayHaveMore()
    {
        if (gate is null)
        {
            return false;
        }
        lock (gate)
        {
            return following!.Count > 0 || !IsFullyFetched;
        }
    }

    private Row Take() => new(page!, next++, shape);
}
