using System.Collections;

namespace Cassandra;

/// <summary>CQL vector: a fixed number of elements, none null. Equal when the elements are.</summary>
public sealed class CqlVector<T> : IReadOnlyList<T>, IEquatable<CqlVector<T>>
{
    private readonly T[] _elements;

    /// <summary>Takes the array over without copying.</summary>
    public CqlVector(params T[] elements) => _elements = elements ?? throw new ArgumentNullException(nameof(elements));

    public int Count => _elements.Length;

    public T this[int index] => _elements[index];

    public ReadOnlySpan<T> AsSpan() => _elements;

    public T[] ToArray() => (T[])_elements.Clone();

    public bool Equals(CqlVector<T>? other) => other is not null && _elements.AsSpan().SequenceEqual(other._elements);

    public override bool Equals(object? obj) => Equals(obj as CqlVector<T>);

    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (T element in _elements)
        {
            hash.Add(element);
        }
        return hash.ToHashCode();
    }

    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)_elements).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
