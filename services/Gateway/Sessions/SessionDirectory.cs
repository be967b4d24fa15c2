using System.Collections.Concurrent;
using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Gateway.Sessions;

/// <summary>Every session that this gateway knows: those it made, and those it read from the sessions topic.</summary>
public sealed class SessionDirectory(GatewayOptions options, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, CaptureSession> sessions = new(StringComparer.Ordinal);
    private readonly Lock reserving = new();
    private readonly TaskCompletionSource loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HashSet<string> reserved = new(StringComparer.Ordinal);

    /// <summary>Ends when the sessions topic has been read to the end it had at start.</summary>
    public Task Loaded => loaded.Task;

    public int Count => sessions.Count;

    public IEnumerable<CaptureSession> All => sessions.Values;

    public void MarkLoaded() => loaded.TrySetResult();

    public CaptureSession? Find(string sessionId) => sessions.GetValueOrDefault(sessionId);

    /// <summary>Keeps a place for a session about to be written; false when the directory is full of unfinished ones. End it with <see cref="Release"/>.</summary>
    public bool TryReserve(string sessionId)
    {
        lock (reserving)
        {
            // one being written may have come back from the topic already
            if (sessions.Count + reserved.Count(id => !sessions.ContainsKey(id)) >= options.MaxSessions && !ForgetFinished())
            {
                return false;
            }

            reserved.Add(sessionId);
            return true;
        }
    }

    /// <summary>Gives a reserved place to its session, or back when it came to none.</summary>
    public void Release(string sessionId, CaptureSession? session)
    {
        lock (reserving)
        {
            reserved.Remove(sessionId);
            if (session is not null)
            {
                sessions[sessionId] = session;
            }
        }
    }

    /// <summary>Adds a session; false when the directory is full of unfinished ones.</summary>
    private bool TryAdd(CaptureSession session)
    {
        if (sessions.Count >= options.MaxSessions && !ForgetFinished())
        {
            return false;
        }

        sessions[session.Id] = session;
        return true;
    }

    public void Remove(string sessionId) => sessions.TryRemove(sessionId, out _);

    /// <summary>Takes a state from the sessions topic: an unknown session is added, a known one without a socket is updated when older.</summary>
    public void Observe(SessionState state)
    {
        if (!sessions.TryGetValue(state.SessionId, out var known))
        {
            TryAdd(FromLog(state));
            return;
        }

        // this gateway's own writes come back too: they are never newer than what is in memory, or the session is busy here
        if (known.State.UpdatedAtMs >= state.UpdatedAtMs || known.Client is not null || !known.Gate.Wait(0))
        {
            return;
        }

        try
        {
            if (known.State.UpdatedAtMs < state.UpdatedAtMs && known.Client is null)
            {
                sessions[state.SessionId] = FromLog(state);
            }
        }
        finally
        {
            known.Gate.Release();
        }
    }

    private CaptureSession FromLog(SessionState state) => new(state, options, sequencesKnown: false)
    {
        // its silence counts from here: the client may have talked to another gateway, or to this one before its restart
        LastHeardMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
    };

    private bool ForgetFinished()
    {
        // a tenth at a time, so that the search is rare
        var finished = sessions.Values.Where(s => s.IsOver).OrderBy(s => s.State.UpdatedAtMs).Take(Math.Max(1, options.MaxSessions / 10)).ToList();
        finished.ForEach(s => sessions.TryRemove(s.Id, out _));
        return finished.Count > 0;
    }
}
