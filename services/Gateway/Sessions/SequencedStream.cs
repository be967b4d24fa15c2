namespace StreamPlatform.Gateway.Sessions;

/// <summary>What a sequence number is to a stream.</summary>
public enum SequenceVerdict
{
    /// <summary>The expected one: take it.</summary>
    Next,

    /// <summary>Taken and confirmed before: ack again.</summary>
    Delivered,

    /// <summary>Taken before, Kafka's confirmation is on its way: its ack will follow by itself.</summary>
    Pending,

    /// <summary>Neither: refuse.</summary>
    Wrong,
}

/// <summary>
/// The sequence numbers of one stream of a session: which was accepted last, which Kafka has confirmed, in order.
/// Numbers run from 1 without gaps, so the last confirmed number is also the count of confirmed messages.
/// </summary>
public sealed class SequencedStream(int maxPending)
{
    private readonly Lock gate = new();
    private readonly Queue<(long Sequence, Task Delivery)> pending = new();
    private readonly List<(int AtMost, TaskCompletionSource Done)> waiters = [];

    /// <summary>Called for each confirmed number, in order, under the stream's lock: must not block.</summary>
    public Action<long>? Delivered { get; set; }

    /// <summary>Called when a confirmation failed; every unconfirmed number has been taken back and may come again.</summary>
    public Action<Exception>? Failed { get; set; }

    public long LastAccepted { get; private set; }

    public long LastDelivered { get; private set; }

    /// <summary>Sets where the stream stands; only while nothing is pending.</summary>
    public void Restore(long lastSequence)
    {
        lock (gate)
        {
            if (pending.Count > 0)
            {
                throw new InvalidOperationException("A stream with pending messages cannot be restored.");
            }

            LastAccepted = LastDelivered = lastSequence;
        }
    }

    public SequenceVerdict Classify(long sequence)
    {
        lock (gate)
        {
            return sequence == LastAccepted + 1 ? SequenceVerdict.Next
                : sequence < 1 || sequence > LastAccepted ? SequenceVerdict.Wrong
                : sequence <= LastDelivered ? SequenceVerdict.Delivered
                : SequenceVerdict.Pending;
        }
    }

    /// <summary>Takes the next number; <paramref name="delivery"/> ends when its record is confirmed.</summary>
    public void Accept(long sequence, Task delivery)
    {
        lock (gate)
        {
            if (sequence != LastAccepted + 1)
            {
                throw new InvalidOperationException($"Sequence {sequence} was accepted, {LastAccepted + 1} was expected.");
            }

            LastAccepted = sequence;
            pending.Enqueue((sequence, delivery));
        }

        // one continuation per message; whichever comes first moves the head as far as it is confirmed, so acks stay in order
        _ = delivery.ContinueWith(
            static (_, self) => ((SequencedStream)self!).Advance(), this, CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Ends when fewer messages than the bound are unconfirmed.</summary>
    public Task WaitForRoomAsync() => WaitAsync(maxPending - 1);

    /// <summary>Ends when every accepted message is confirmed; faults when a confirmation fails.</summary>
    public Task WaitDrainedAsync() => WaitAsync(0);

    /// <summary>Ends when at most <paramref name="atMost"/> messages are unconfirmed; faults when a confirmation fails.</summary>
    public Task WaitAsync(int atMost)
    {
        lock (gate)
        {
            if (pending.Count <= atMost)
            {
                return Task.CompletedTask;
            }

            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            waiters.Add((atMost, done));
            return done.Task;
        }
    }

    private void Advance()
    {
        Exception? failure = null;
        lock (gate)
        {
            while (pending.TryPeek(out var head) && head.Delivery.IsCompleted)
            {
                if (!head.Delivery.IsCompletedSuccessfully)
                {
                    failure = head.Delivery.Exception?.InnerException ?? new OperationCanceledException("The write was cancelled.");
                    pending.Clear();
                    LastAccepted = LastDelivered;
                    break;
                }

                pending.Dequeue();
                LastDelivered = head.Sequence;
                Delivered?.Invoke(head.Sequence);
            }

            for (var i = waiters.Count - 1; i >= 0; i--)
            {
                if (failure is not null)
                {
                    waiters[i].Done.TrySetException(failure);
                    waiters.RemoveAt(i);
                }
                else if (pending.Count <= waiters[i].AtMost)
                {
                    waiters[i].Done.TrySetResult();
                    waiters.RemoveAt(i);
                }
            }
        }

        if (failure is not null)
        {
            Failed?.Invoke(failure);
        }
    }
}
