namespace StreamPlatform.Topology.Resumes;

/// <summary>A number of slots; who finds none waits in a <see cref="PriorityLine"/>. Safe for concurrent use.</summary>
/// <param name="slots">1 or more.</param>
public sealed class PrioritySlots(int slots)
{
    private readonly Lock gate = new();
    private readonly PriorityLine line = new();
    private int free = slots;

    /// <summary>Waits for a slot; disposing the result gives it back.</summary>
    public async Task<IDisposable> EnterAsync(bool urgent, CancellationToken cancellationToken)
    {
        LinkedListNode<TaskCompletionSource> place;
        lock (gate)
        {
            if (free > 0)
            {
                free--;
                return new Slot(this);
            }

            place = line.Join(urgent);
        }

        await using var cancelled = cancellationToken.Register(() =>
        {
            lock (gate)
            {
                if (PriorityLine.Leave(place))
                {
                    place.Value.TrySetCanceled(cancellationToken);
                }
            }
        });
        await place.Value.Task.ConfigureAwait(false);
        return new Slot(this);
    }

    private void Leave()
    {
        lock (gate)
        {
            if (line.Next() is { } next)
            {
                next.SetResult();
            }
            else
            {
                free++;
            }
        }
    }

    private sealed class Slot(PrioritySlots owner) : IDisposable
    {
        private PrioritySlots? owner = owner;

        public void Dispose() => Interlocked.Exchange(ref owner, null)?.Leave();
    }
}
