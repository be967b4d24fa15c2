namespace StreamPlatform.Streams;

/// <summary>The latest value of each key of a compacted topic. Read to its end before streams joined with it start.</summary>
public interface IKTable<K, V> where K : notnull
{
    string Topic { get; }
}
