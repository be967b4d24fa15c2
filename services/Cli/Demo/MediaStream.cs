namespace StreamPlatform.Cli.Demo;

/// <summary>Sequence numbers of one stream of a capture client: what was sent, what was acknowledged, what must be sent again.</summary>
public sealed class MediaStream
{
    private readonly Lock gate = new();
    private readonly SortedDictionary<long, (byte[] Message, long SentAt)> unacked = [];
    private TaskCompletionSource? empty;
    private long last;
    private long acked;

    /// <summary>Messages given a sequence number so far.</summary>
    public long Sent
    {
        get
        {
            lock (gate)
            {
                return last;
            }
        }
    }

    /// <summary>Messages acknowledged so far.</summary>
    public long Acked
    {
        get
        {
            lock (gate)
            {
                return acked;
            }
        }
    }

    /// <summary>Lowest sequence number that is not acknowledged yet.</summary>
    public long NextToAck
    {
        get
        {
            lock (gate)
            {
                return unacked.Count == 0 ? last + 1 : unacked.First().Key;
            }
        }
    }

    /// <summary>Keeps what <paramref name="write"/> makes of the next sequence number, from 1, until it is acknowledged, and returns it.</summary>
    /// <exception cref="InvalidOperationException">More than <paramref name="maxUnacked"/> messages wait for an acknowledgement.</exception>
    public byte[] Add(Func<long, byte[]> write, int maxUnacked, long sentAt)
    {
        lock (gate)
        {
            if (unacked.Count >= maxUnacked)
            {
                throw new InvalidOperationException($"{maxUnacked} messages wait for an acknowledgement; the gateway does not answer");
            }

            var message = write(++last);
            unacked[last] = (message, sentAt);
            return message;
        }
    }

    /// <summary>Marks one message as acknowledged; returns when it was sent, null when it had been acknowledged before.</summary>
    public long? Acknowledge(long sequence)
    {
        lock (gate)
        {
            if (!unacked.Remove(sequence, out var sent))
            {
                return null;
            }

            acked++;
            if (unacked.Count == 0)
            {
                empty?.TrySetResult();
            }

            return sent.SentAt;
        }
    }

    /// <summary>Messages that must be sent again, in order.</summary>
    public IReadOnlyList<byte[]> Unacked()
    {
        lock (gate)
        {
            return [.. unacked.Values.Select(m => m.Message)];
        }
    }

    /// <summary>Waits until nothing is unacknowledged.</summary>
    /// <exception cref="TimeoutException">Some messages were not acknowledged in time.</exception>
    public Task AllAckedAsync(TimeSpan timeout, TimeProvider time, CancellationToken ct)
    {
        lock (gate)
        {
            if (unacked.Count == 0)
            {
                return Task.CompletedTask;
            }

            empty = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return empty.Task.WaitAsync(timeout, time, ct);
        }
    }
}
