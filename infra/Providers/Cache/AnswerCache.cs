namespace StreamPlatform.Providers;

/// <summary>
/// Answers by hash of their question: kept for a time, bounded in number and characters, longest unused out first. Equal questions at the same time share one call,
/// which is given up only when all who wait for it have given up. Failures are not kept. Safe for concurrent use.
/// </summary>
internal sealed class AnswerCache(AnswerCacheOptions options, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, LinkedListNode<Entry>> entries = [];
    private readonly LinkedList<Entry> byUse = new();
    private readonly Dictionary<string, Flight> flights = [];
    private long characters;

    public int Count
    {
        get
        {
            lock (gate)
            {
                return entries.Count;
            }
        }
    }

    /// <summary>The kept answer, that of the call under way, or a new one.</summary>
    /// <returns>The answer and whether another call made it.</returns>
    public async Task<(ChatAnswer Answer, bool Shared)> GetAsync(string key, Func<CancellationToken, Task<ChatAnswer>> ask, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        Flight flight;
        bool first;
        lock (gate)
        {
            if (Kept(key) is { } kept)
            {
                return (kept, true);
            }

            first = !flights.TryGetValue(key, out flight!);
            if (first)
            {
                flights[key] = flight = new Flight();
            }

            flight.Waiting++;
        }

        if (first)
        {
            _ = FlyAsync(key, flight, ask);
        }

        try
        {
            return (await flight.Answer.Task.WaitAsync(ct), !first);
        }
        finally
        {
            Leave(key, flight);
        }
    }

    private async Task FlyAsync(string key, Flight flight, Func<CancellationToken, Task<ChatAnswer>> ask)
    {
        try
        {
            var answer = await ask(flight.GivenUp.Token);
            lock (gate)
            {
                Land(key, flight);
                Keep(key, answer);
            }

            flight.Answer.TrySetResult(answer);
        }
        catch (Exception e)
        {
            lock (gate)
            {
                Land(key, flight);
            }

            // goes to everyone who waits; observed here, since all may be gone
            flight.Answer.TrySetException(e);
            _ = flight.Answer.Task.Exception;
        }
    }

    private void Leave(string key, Flight flight)
    {
        lock (gate)
        {
            if (--flight.Waiting > 0 || flight.Answer.Task.IsCompleted)
            {
                return;
            }

            Land(key, flight); // whoever comes next asks anew
        }

        flight.GivenUp.Cancel();
    }

    private void Land(string key, Flight flight)
    {
        if (flights.GetValueOrDefault(key) == flight)
        {
            flights.Remove(key);
        }
    }

    private ChatAnswer? Kept(string key)
    {
        if (!entries.TryGetValue(key, out var node))
        {
            return null;
        }

        byUse.Remove(node);
        if (node.Value.Until <= time.GetUtcNow())
        {
            Drop(node.Value);
            return null;
        }

        byUse.AddLast(node);
        return node.Value.Answer;
    }

    private void Keep(string key, ChatAnswer answer)
    {
        if (answer.Text.Length > options.MaxCharacters || options.MaxEntries == 0)
        {
            return;
        }

        if (entries.TryGetValue(key, out var old))
        {
            byUse.Remove(old);
            Drop(old.Value);
        }

        entries[key] = byUse.AddLast(new Entry(key, answer, time.GetUtcNow() + options.Lifetime));
        characters += answer.Text.Length;
        while (entries.Count > options.MaxEntries || characters > options.MaxCharacters)
        {
            var oldest = byUse.First!.Value;
            byUse.RemoveFirst();
            Drop(oldest);
        }
    }

    private void Drop(Entry entry)
    {
        entries.Remove(entry.Key);
        characters -= entry.Answer.Text.Length;
    }

    private sealed record Entry(string Key, ChatAnswer Answer, DateTimeOffset Until);

    private sealed class Flight
    {
        public TaskCompletionSource<ChatAnswer> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public CancellationTokenSource GivenUp { get; } = new();

        public int Waiting { get; set; }
    }
}
