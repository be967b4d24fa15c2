namespace Cassandra.Protocol;

/// <summary>
/// A CQL type with its parts: <see cref="Elements"/> holds one type for list, set and vector, two for map, one per component of a tuple, one per field of a UDT.
/// </summary>
/// <param name="Code">The kind.</param>
/// <param name="Elements">Types of the parts, in wire order; empty for scalars.</param>
/// <param name="FieldNames">Names of a UDT's fields, as many as <paramref name="Elements"/>; else empty.</param>
/// <param name="Name">Of a UDT its name, of a custom type its Java class name; else null.</param>
/// <param name="Keyspace">Of a UDT its keyspace; else null.</param>
/// <param name="Dimensions">Of a vector its number of elements; else 0.</param>
internal sealed record CqlType(
    ColumnTypeCode Code,
    IReadOnlyList<CqlType> Elements,
    IReadOnlyList<string> FieldNames,
    string? Name = null,
    string? Keyspace = null,
    int Dimensions = 0)
{
    private static readonly CqlType?[] Scalars = new CqlType?[0x16];

    public static CqlType Of(ColumnTypeCode scalar)
    {
        int code = (int)scalar;
        return code is > 0 and < 0x16 ? Scalars[code] ??= new CqlType(scalar, [], []) : throw new ArgumentOutOfRangeException(nameof(scalar), scalar, "Not a scalar type.");
    }

    public static CqlType List(CqlType element) => new(ColumnTypeCode.List, [element], []);

    public static CqlType Set(CqlType element) => new(ColumnTypeCode.Set, [element], []);

    public static CqlType Map(CqlType key, CqlType value) => new(ColumnTypeCode.Map, [key, value], []);

    public static CqlType Tuple(params CqlType[] components) => new(ColumnTypeCode.Tuple, components, []);

    public static CqlType Vector(CqlType element, int dimensions) => new(ColumnTypeCode.Vector, [element], [], Dimensions: dimensions);

    public static CqlType Udt(string keyspace, string name, IReadOnlyList<string> fieldNames, IReadOnlyList<CqlType> fieldTypes) =>
        new(ColumnTypeCode.Udt, fieldTypes, fieldNames, name, keyspace);

    public static CqlType Custom(string className) => new(ColumnTypeCode.Custom, [], [], className);

    public bool Equals(CqlType? other) =>
        other is not null && Code == other.Code && Name == other.Name && Keyspace == other.Keyspace && Dimensions == other.Dimensions
        && Elements.SequenceEqual(other.Elements) && FieldNames.SequenceEqual(other.FieldNames);

    public override int GetHashCode() => HashCode.Combine(Code, Name, Keyspace, Dimensions, Elements.Count);
}
