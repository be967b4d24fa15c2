using Cassandra.Codec;
using Cassandra.Protocol;

namespace Cassandra;

/// <summary>A column of a result, or a mark of a prepared statement.</summary>
/// <param name="Keyspace">Of its table.</param>
/// <param name="Table">Its table.</param>
/// <param name="Name">Its name, or the alias.</param>
/// <param name="Index">From 0.</param>
/// <param name="TypeCode">The kind of its type.</param>
/// <param name="Type">The .NET type that its values are read as when none is asked for.</param>
public sealed record CqlColumn(string Keyspace, string Table, string Name, int Index, ColumnTypeCode TypeCode, Type Type);

/// <summary>The marks of a prepared statement.</summary>
/// <param name="Columns">In order.</param>
public sealed record RowSetMetadata(CqlColumn[] Columns);

/// <summary>The columns of a result and the id that the server knows this set of columns by.</summary>
internal sealed class ResultShape
{
    public static readonly ResultShape None = new([], []);

    private readonly Dictionary<string, int> indexes = new(StringComparer.OrdinalIgnoreCase);
    private CqlColumn[]? columns;

    public ResultShape(byte[] metadataId, IReadOnlyList<ColumnSpec> specs)
    {
        MetadataId = metadataId;
        Specs = [.. specs];
        for (int i = 0; i < Specs.Length; i++)
        {
            indexes.TryAdd(Specs[i].Name, i); // as the server does: the first of two columns of one name
        }
    }

    public byte[] MetadataId { get; }

    public ColumnSpec[] Specs { get; }

    public CqlColumn[] Columns => columns ??= ToColumns(Specs);

    public static ResultShape Of(PreparedResult prepared) => new(prepared.ResultMetadataId, prepared.ResultMetadata.Columns ?? []);

    public static CqlColumn[] ToColumns(IEnumerable<ColumnSpec> specs) =>
        [.. specs.Select((spec, index) => new CqlColumn(spec.Keyspace, spec.Table, spec.Name, index, spec.Type.Code, ClrTypes.Of(spec.Type, nullable: false)))];

    /// <exception cref="ArgumentException">There is no such column.</exception>
    public int IndexOf(string name) =>
        indexes.TryGetValue(name, out int index) ? index : throw new ArgumentException($"no column '{name}'; there are: {string.Join(", ", Specs.Select(spec => spec.Name))}");

    public bool Has(string name) => indexes.ContainsKey(name);
}
