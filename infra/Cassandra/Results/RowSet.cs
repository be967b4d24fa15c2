using System.Collections;
using Cassandra.Protocol;

namespace Cassandra;

/// <summary>
/// The rows of a result, to be read once and by one reader. With paging they come a page at a time: reading on asynchronously
/// (<c>await foreach</c>) fetches the next without blocking; plain enumeration blocks while it does, as in the official driver.
/// </summary>
public sealed class RowSet : IEnumerable<Row>, IAsyncEnumerable<Row>, IDisposable
{
    private readonly Func<byte[], CancellationToken, Task<RowSet>>? fetch;
    private ResultShape shape;
    private RowsResult? page;
    private int next;

    internal RowSet(Response response, ResultShape shape, ExecutionInfo info, bool autoPage, Func<byte[], CancellationToken, Task<RowSet>>? fetch)
    {
        this.shape = shape;
        this.fetch = fetch;
        Info = info;
        AutoPage = autoPage;
        page = response as RowsResult;
        PagingState = page?.PagingState;
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
    public int GetAvailableWithoutFetching() => page is null ? 0 : page.RowCount - next;

    /// <summary>Whether no row is left; fetches if it has to, and blocks meanwhile.</summary>
    public bool IsExhausted()
    {
        while (GetAvailableWithoutFetching() == 0 && !IsFullyFetched)
        {
            FetchMoreResults();
        }
        return GetAvailableWithoutFetching() == 0;
    }

    /// <summary>Fetches the next page, if there is one, and blocks meanwhile.</summary>
    public void FetchMoreResults() => FetchMoreResultsAsync().GetAwaiter().GetResult();

    /// <summary>Fetches the next page, if there is one. Rows of the page before that were not read are dropped: read them first.</summary>
    public async Task FetchMoreResultsAsync(CancellationToken ct = default)
    {
        if (PagingState is not { } state || fetch is null)
        {
            return;
        }
        RowSet following = await fetch(state, ct).ConfigureAwait(false);
        shape = following.shape;
        page = following.page;
        next = 0;
        PagingState = following.PagingState;
    }

    /// <summary>Reads the rows that are left, fetching pages as it goes.</summary>
    public IEnumerator<Row> GetEnumerator()
    {
        while (!IsExhausted())
        {
            yield return Take();
        }
    }

    /// <summary>Reads the rows that are left, fetching pages as it goes without blocking.</summary>
    public async IAsyncEnumerator<Row> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            while (GetAvailableWithoutFetching() > 0)
            {
                yield return Take();
            }
            if (IsFullyFetched)
            {
                yield break;
            }
            await FetchMoreResultsAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Drops what was not read.</summary>
    public void Dispose()
    {
        page = null;
        PagingState = null;
    }

    private Row Take() => new(page!, next++, shape);
}
