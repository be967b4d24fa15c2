namespace StreamPlatform.Streams;

/// <summary>A change of one row: its new value, or its deletion.</summary>
internal readonly record struct Change<V>(bool Present, V? Value)
{
    public static Change<V> Deleted => new(false, default);
}
