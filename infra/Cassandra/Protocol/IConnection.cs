using System.Net;

namespace Cassandra.Protocol;

/// <summary>
/// One connection to one node, shared by many requests at once. <see cref="SendAsync"/> answers with whatever the server said, errors included
/// (<see cref="ErrorResponse"/>); it throws only where no answer came: <see cref="OperationTimedOutException"/> after its timeout, <see cref="BusyPoolException"/> when too
/// many wait already, <see cref="ConnectionClosedException"/> when the connection fails or is closed.
/// </summary>
internal interface IConnection : IAsyncDisposable
{
    EndPoint EndPoint { get; }

    /// <summary>Stream ids in use: requests unanswered, and requests given up whose late answer has not come.</summary>
    int InFlight { get; }

    /// <summary>Stream ids there are; further requests wait, in order and within their timeout.</summary>
    int MaxInFlight { get; }

    bool IsOpen { get; }

    /// <summary>Sends a request. The returned task is to be awaited exactly once.</summary>
    ValueTask<Response> SendAsync(Request request, TimeSpan timeout, CancellationToken ct);

    /// <summary>Completes (never faults) when the connection is closed, by whichever side.</summary>
    Task Closed { get; }

    /// <summary>Events, one at a time and in order, from the reading loop: a handler must not block.</summary>
    event Action<EventResponse>? Event;
}

/// <summary>Opens connections; the cluster layer's tests replace it.</summary>
internal interface IConnectionFactory
{
    /// <summary>Connects, starts up, authenticates and sets the keyspace, all within <see cref="ConnectionOptions.ConnectTimeout"/>.</summary>
    Task<IConnection> OpenAsync(IPEndPoint endPoint, ConnectionOptions options, CancellationToken ct);
}
