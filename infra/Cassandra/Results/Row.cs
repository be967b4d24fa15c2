using System.Collections;
using Cassandra.Codec;
using Cassandra.Protocol;

namespace Cassandra;

/// <summary>A row of a result; cells are decoded when asked for.</summary>
public sealed class Row : IEnumerable<object?>
{
    private readonly RowsResult page;
    private readonly int row;
    private readonly ResultShape shape;

    internal Row(RowsResult page, int row, ResultShape shape)
    {
        this.page = page;
        this.row = row;
        this.shape = shape;
    }

    /// <summary>Number of columns.</summary>
    public int Length => shape.Specs.Length;

    /// <summary>The value as the type's default .NET type; null for CQL null.</summary>
    public object? this[int index] => page.TryCell(row, index, out ReadOnlySpan<byte> cell) ? ValueReader.Read(cell, shape.Specs[index].Type) : null;

    /// <summary>The value as the type's default .NET type; null for CQL null.</summary>
    public object? this[string name] => this[shape.IndexOf(name)];

    /// <summary>Whether the value is null.</summary>
    public bool IsNull(int index) => !page.TryCell(row, index, out _);

    /// <summary>Whether the value is null.</summary>
    public bool IsNull(string name) => IsNull(shape.IndexOf(name));

    /// <summary>The value; CQL null is the default of a type that can be null.</summary>
    /// <exception cref="InvalidTypeException">The column is of another type.</exception>
    /// <exception cref="NullReferenceException">Null for a type that cannot be (as the official driver does).</exception>
    public T GetValue<T>(int index)
    {
        if (page.TryCell(row, index, out ReadOnlySpan<byte> cell))
        {
            return ValueReader.Read<T>(cell, shape.Specs[index].Type)!;
        }
        return default(T) is null ? default! : throw new NullReferenceException($"column {shape.Specs[index].Name} is null; ask for {typeof(T).Name}?");
    }

    /// <summary>See <see cref="GetValue{T}(int)"/>.</summary>
    public T GetValue<T>(string name) => GetValue<T>(shape.IndexOf(name));

    /// <summary>The value as this type; null for CQL null.</summary>
    /// <exception cref="InvalidTypeException">The column is of another type.</exception>
    public object? GetValue(Type type, int index) =>
        page.TryCell(row, index, out ReadOnlySpan<byte> cell) ? ValueConversion.To(ValueReader.Read(cell, shape.Specs[index].Type), type, shape.Specs[index].Type) : null;

    /// <summary>See <see cref="GetValue(Type, int)"/>.</summary>
    public object? GetValue(Type type, string name) => GetValue(type, shape.IndexOf(name));

    /// <summary>Whether there is such a column.</summary>
    public bool ContainsColumn(string name) => shape.Has(name);

    /// <summary>The column, or null.</summary>
    public CqlColumn? GetColumn(string name) => shape.Has(name) ? shape.Columns[shape.IndexOf(name)] : null;

    /// <summary>All values.</summary>
    public IEnumerator<object?> GetEnumerator()
    {
        for (int i = 0; i < Length; i++)
        {
            yield return this[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
