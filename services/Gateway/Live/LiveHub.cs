using System.Collections.Concurrent;
using StreamPlatform.Gateway.Sockets;

namespace StreamPlatform.Gateway.Live;

/// <summary>Hands live messages to the sockets that follow a session, and keeps the newest ones for those that come later.</summary>
public sealed class LiveHub(GatewayOptions options)
{
    private readonly ConcurrentDictionary<string, Channel> channels = new(StringComparer.Ordinal);
    private long clock;

    /// <summary>Sends a JSON message to all followers of a session; never waits.</summary>
    public void Publish(string sessionId, ReadOnlyMemory<byte> utf8)
    {
        var channel = Open(sessionId);
        lock (channel)
        {
            channel.LastUsed = Interlocked.Increment(ref clock);
            if (options.LiveHistoryMessages > 0)
            {
                channel.History.Enqueue(utf8);
                if (channel.History.Count > options.LiveHistoryMessages)
                {
                    channel.History.Dequeue();
                }
            }

            // a follower that is too slow is closed by its writer and leaves by itself
            channel.Followers.RemoveAll(follower => !follower.TrySendUtf8(utf8));
        }
    }

    /// <summary>Adds a follower: what happened lately is queued first, then everything that comes.</summary>
    public void Follow(string sessionId, SocketWriter follower)
    {
        var channel = Open(sessionId);
        lock (channel)
        {
            channel.LastUsed = Interlocked.Increment(ref clock);
            foreach (var message in channel.History)
            {
                follower.TrySendUtf8(message);
            }

            channel.Followers.Add(follower);
        }
    }

    public void Leave(string sessionId, SocketWriter follower)
    {
        if (channels.TryGetValue(sessionId, out var channel))
        {
            lock (channel)
            {
                channel.Followers.Remove(follower);
            }
        }
    }

    private Channel Open(string sessionId)
    {
        while (true)
        {
            var channel = channels.GetOrAdd(sessionId, static _ => new());
            if (channels.Count > options.LiveHistorySessions)
            {
                ForgetOldest(sessionId);
            }

            if (channels.TryGetValue(sessionId, out var kept) && kept == channel)
            {
                return channel;
            }
        }
    }

    private void ForgetOldest(string except)
    {
        foreach (var (id, channel) in channels.OrderBy(c => c.Value.LastUsed).Where(c => c.Key != except))
        {
            lock (channel)
            {
                // a followed session keeps its place: followers are bounded by the sockets
                if (channel.Followers.Count == 0)
                {
                    channels.TryRemove(id, out _);
                    return;
                }
            }
        }
    }

    private sealed class Channel
    {
        public Queue<ReadOnlyMemory<byte>> History { get; } = new();

        public List<SocketWriter> Followers { get; } = [];

        public long LastUsed { get; set; }
    }
}
