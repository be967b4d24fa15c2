using System.Diagnostics.CodeAnalysis;

namespace StreamPlatform.Schemas;

/// <summary>A map of at most <paramref name="capacity"/> entries; the oldest makes room. Safe for concurrent use.</summary>
internal sealed class BoundedCache<TKey, TValue>(int capacity)
    where TKey : notnull
{
    private readonly Dictionary<TKey, TValue> entries = [];
    private readonly Queue<TKey> order = new();
    private readonly Lock gate = new();

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        lock (gate)
        {
            return entries.TryGetValue(key, out value);
        }
    }

    public void Set(TKey key, TValue value)
    {
        lock (gate)
        {
            if (!entries.ContainsKey(key))
            {
                if (order.Count == capacity)
                {
                    entries.Remove(order.Dequeue());
                }

                order.Enqueue(key);
            }

            entries[key] = value;
        }
    }
}
