using System.Globalization;
using System.Text;

namespace Cassandra.Protocol;

/// <summary>
/// Types by the server's Java class names, as custom types give them: <c>org.apache.cassandra.db.marshal.VectorType(org.apache.cassandra.db.marshal.FloatType, 3)</c>.
/// A name this client does not know stays a custom type, whose values are bytes.
/// </summary>
internal static class ClassNameParser
{
    private const string Package = "org.apache.cassandra.db.marshal.";
    private const int MaxDepth = 32;
    private const int MaxDimensions = 1 << 20;

    private static readonly Dictionary<string, ColumnTypeCode> Scalars = new()
    {
        ["AsciiType"] = ColumnTypeCode.Ascii,
        ["LongType"] = ColumnTypeCode.Bigint,
        ["BytesType"] = ColumnTypeCode.Blob,
        ["BooleanType"] = ColumnTypeCode.Boolean,
        ["CounterColumnType"] = ColumnTypeCode.Counter,
        ["DecimalType"] = ColumnTypeCode.Decimal,
        ["DoubleType"] = ColumnTypeCode.Double,
        ["FloatType"] = ColumnTypeCode.Float,
        ["Int32Type"] = ColumnTypeCode.Int,
        ["TimestampType"] = ColumnTypeCode.Timestamp,
        ["DateType"] = ColumnTypeCode.Timestamp,
        ["UUIDType"] = ColumnTypeCode.Uuid,
        ["UTF8Type"] = ColumnTypeCode.Varchar,
        ["IntegerType"] = ColumnTypeCode.Varint,
        ["TimeUUIDType"] = ColumnTypeCode.Timeuuid,
        ["InetAddressType"] = ColumnTypeCode.Inet,
        ["SimpleDateType"] = ColumnTypeCode.Date,
        ["TimeType"] = ColumnTypeCode.Time,
        ["ShortType"] = ColumnTypeCode.SmallInt,
        ["ByteType"] = ColumnTypeCode.TinyInt,
        ["DurationType"] = ColumnTypeCode.Duration,
    };

    public static CqlType Parse(string name)
    {
        int at = 0;
        return ParseAt(name, ref at, 0) is { } type && at == name.Length ? type : CqlType.Custom(name);
    }

    /// <summary>Null where the text is no type this client knows.</summary>
    private static CqlType? ParseAt(string text, ref int at, int depth)
    {
        string name = Word(text, ref at);
        string simple = name.StartsWith(Package, StringComparison.Ordinal) ? name[Package.Length..] : name;
        if (depth > MaxDepth)
        {
            return null;
        }
        if (at >= text.Length || text[at] != '(')
        {
            return Scalars.TryGetValue(simple, out ColumnTypeCode scalar) ? CqlType.Of(scalar) : null;
        }
        at++;
        CqlType? type = simple switch
        {
            "FrozenType" or "ReversedType" => ParseAt(text, ref at, depth + 1),
            "ListType" => One(text, ref at, depth) is { } element ? CqlType.List(element) : null,
            "SetType" => One(text, ref at, depth) is { } element ? CqlType.Set(element) : null,
            "MapType" => Many(text, ref at, depth) is { Count: 2 } both ? CqlType.Map(both[0], both[1]) : null,
            "TupleType" => Many(text, ref at, depth) is { Count: > 0 } parts ? CqlType.Tuple([.. parts]) : null,
            "VectorType" => Vector(text, ref at, depth),
            "UserType" => Udt(text, ref at, depth),
            _ => null,
        };
        return Take(text, ref at, ')') ? type : null;
    }

    private static CqlType? One(string text, ref int at, int depth) => ParseAt(text, ref at, depth + 1);

    private static List<CqlType>? Many(string text, ref int at, int depth)
    {
        List<CqlType> parts = [];
        do
        {
            if (ParseAt(text, ref at, depth + 1) is not { } part)
            {
                return null;
            }
            parts.Add(part);
        }
        while (Take(text, ref at, ','));
        return parts;
    }

    private static CqlType? Vector(string text, ref int at, int depth)
    {
        CqlType? element = ParseAt(text, ref at, depth + 1);
        return element is not null && Take(text, ref at, ',')
            && int.TryParse(Word(text, ref at), NumberStyles.None, CultureInfo.InvariantCulture, out int dimensions) && dimensions is > 0 and <= MaxDimensions
            ? CqlType.Vector(element, dimensions)
            : null;
    }

    /// <summary>keyspace, hexadecimal name, then hexadecimal field name : type.</summary>
    private static CqlType? Udt(string text, ref int at, int depth)
    {
        string keyspace = Word(text, ref at);
        if (!Take(text, ref at, ',') || Hex(Word(text, ref at)) is not { } name)
        {
            return null;
        }
        List<string> names = [];
        List<CqlType> types = [];
        while (Take(text, ref at, ','))
        {
            if (Hex(Word(text, ref at)) is not { } field || !Take(text, ref at, ':') || ParseAt(text, ref at, depth + 1) is not { } type)
            {
                return null;
            }
            names.Add(field);
            types.Add(type);
        }
        return CqlType.Udt(keyspace, name, names, types);
    }

    private static string? Hex(string text) =>
        text.Length % 2 == 0 && text.All(char.IsAsciiHexDigit) ? Encoding.UTF8.GetString(Convert.FromHexString(text)) : null;

    private static string Word(string text, ref int at)
    {
        while (at < text.Length && text[at] == ' ')
        {
            at++;
        }
        int from = at;
        while (at < text.Length && text[at] is not ('(' or ')' or ',' or ':' or ' '))
        {
            at++;
        }
        return text[from..at];
    }

    private static bool Take(string text, ref int at, char expected)
    {
        while (at < text.Length && text[at] == ' ')
        {
            at++;
        }
        if (at >= text.Length || text[at] != expected)
        {
            return false;
        }
        at++;
        return true;
    }
}
