using Npgsql;
using NpgsqlTypes;

namespace StreamPlatform.Postgres.Stores;

/// <summary>A column: its SQL name, and how a row's value gets into binary COPY, into an array parameter, and into an order.</summary>
/// <param name="name">SQL name.</param>
/// <param name="isKey">Part of the conflict key.</param>
internal abstract class Column<T>(string name, bool isKey)
{
    public string Name => name;

    public bool IsKey => isKey;

    /// <summary>Appends the row's value as one field of binary COPY.</summary>
    public abstract void Append(CopyBuffer buffer, T row);

    /// <summary>Any total order, the same for every writer.</summary>
    public abstract int Compare(T left, T right);

    /// <summary>The values of all rows as one array.</summary>
    public abstract NpgsqlParameter ToParameter(T[] rows);
}

/// <summary>A column of one type. Values are not boxed: a batch of the emotion series has 100,000 of them.</summary>
internal sealed class Column<T, TValue>(string name, ColumnType<TValue> type, Func<T, TValue> value, bool isKey = false) : Column<T>(name, isKey)
{
    public override void Append(CopyBuffer buffer, T row) => type.Append(buffer, value(row));

    public override int Compare(T left, T right) => type.Compare(value(left), value(right));

    public override NpgsqlParameter ToParameter(T[] rows) =>
        new NpgsqlParameter<TValue[]> { TypedValue = Array.ConvertAll(rows, row => type.Storable(value(row))), NpgsqlDbType = NpgsqlDbType.Array | type.Sql };
}

/// <summary>What a type of column does with a value.</summary>
/// <param name="Sql">Type of one element.</param>
/// <param name="Append">Writes it as a field of binary COPY.</param>
/// <param name="Compare">Orders it.</param>
/// <param name="Storable">What PostgreSQL can hold of it.</param>
internal sealed record ColumnType<TValue>(NpgsqlDbType Sql, Action<CopyBuffer, TValue> Append, Comparison<TValue> Compare, Func<TValue, TValue> Storable);

/// <summary>The types of column that the stores have.</summary>
internal static class ColumnTypes
{
    public static readonly ColumnType<string> Text = new(NpgsqlDbType.Text, static (buffer, text) => buffer.Text(Columns.Storable(text)), string.CompareOrdinal, Columns.Storable);

    public static readonly ColumnType<string> Jsonb = new(
        NpgsqlDbType.Jsonb, static (buffer, json) => buffer.Jsonb(StorableJson(json)), string.CompareOrdinal, StorableJson);

    public static readonly ColumnType<int> Integer = new(NpgsqlDbType.Integer, static (buffer, number) => buffer.Int32(number), static (a, b) => a.CompareTo(b), Same);

    public static readonly ColumnType<long> Bigint = new(NpgsqlDbType.Bigint, static (buffer, number) => buffer.Int64(number), static (a, b) => a.CompareTo(b), Same);

    public static readonly ColumnType<float?> Real = new(NpgsqlDbType.Real, static (buffer, number) => buffer.Real(number), Nullable.Compare, Same);

    public static readonly ColumnType<bool> Boolean = new(NpgsqlDbType.Boolean, static (buffer, flag) => buffer.Bool(flag), static (a, b) => a.CompareTo(b), Same);

    public static readonly ColumnType<DateTime?> Time = new(NpgsqlDbType.TimestampTz, static (buffer, time) => buffer.Time(time), Nullable.Compare, Same);

    private static string StorableJson(string json) => Columns.Storable(json).Replace("\\u0000", "\\uFFFD", StringComparison.Ordinal);

    private static TValue Same<TValue>(TValue value) => value;
}
