using System.Collections;
using System.Text;

namespace StreamPlatform.Streams;

/// <summary>A record's headers in order; names may repeat. Small: lookups are linear.</summary>
public sealed class RecordHeaders : IReadOnlyList<RecordHeader>
{
    private readonly List<RecordHeader> headers;

    public RecordHeaders() => headers = [];
    public RecordHeaders(IEnumerable<RecordHeader> from) => headers = [.. from];

    /// <summary>Headers of a record that has none; never added to.</summary>
    public static RecordHeaders Empty { get; } = new();

    public int Count => headers.Count;
    public RecordHeader this[int index] => headers[index];

    /// <summary>The last header named <paramref name="key"/>, as Kafka's lastHeader; null when there is none.</summary>
    public byte[]? Last(string key)
    {
        for (var i = headers.Count - 1; i >= 0; i--)
            if (headers[i].Key == key) return headers[i].Value;
        return null;
    }

    /// <summary>The last header named <paramref name="key"/> as UTF-8 text.</summary>
    public string? LastUtf8(string key) => Last(key) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

    public RecordHeaders Add(string key, byte[]? value)
    {
        if (ReferenceEquals(this, Empty)) throw new InvalidOperationException("RecordHeaders.Empty is shared: create new headers");
        headers.Add(new RecordHeader(key, value));
        return this;
    }

    public RecordHeaders Add(string key, string value) => Add(key, Encoding.UTF8.GetBytes(value));

    /// <summary>Replaces every header named <paramref name="key"/> by one.</summary>
    public RecordHeaders Set(string key, byte[]? value)
    {
        headers.RemoveAll(h => h.Key == key);
        return Add(key, value);
    }

    public IEnumerator<RecordHeader> GetEnumerator() => headers.GetEnumerator();
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
