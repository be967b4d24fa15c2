using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Npgsql;
using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Postgres.Stores;

/// <summary>Short forms for the stores' column lists, and the mapping of values: into parameters and out of rows.</summary>
internal static class Columns
{
    // The last millisecond of the year 9999: nothing a record says can be out of the type's range.
    private const long MaxUnixMs = 253_402_300_799_999;

    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Column<T> Key<T>(string name, Func<T, string> value) => new Column<T, string>(name, ColumnTypes.Text, value, isKey: true);

    public static Column<T> TimeKey<T>(string name, Func<T, long> unixMs) => new Column<T, DateTime?>(name, ColumnTypes.Time, row => Time(unixMs(row)), isKey: true);

    public static Column<T> LongKey<T>(string name, Func<T, long> value) => new Column<T, long>(name, ColumnTypes.Bigint, value, isKey: true);

    public static Column<T> IntKey<T>(string name, Func<T, int> value) => new Column<T, int>(name, ColumnTypes.Integer, value, isKey: true);

    public static Column<T> Text<T>(string name, Func<T, string> value) => new Column<T, string>(name, ColumnTypes.Text, value);

    public static Column<T> JsonText<T>(string name, Func<T, string> value) => new Column<T, string>(name, ColumnTypes.Jsonb, value);

    public static Column<T> Strings<T>(string name, Func<T, IEnumerable<string>> value) => JsonText<T>(name, row => JsonSerializer.Serialize(value(row), Json));

    public static Column<T> Int<T>(string name, Func<T, int> value) => new Column<T, int>(name, ColumnTypes.Integer, value);

    public static Column<T> Long<T>(string name, Func<T, long> value) => new Column<T, long>(name, ColumnTypes.Bigint, value);

    public static Column<T> Real<T>(string name, Func<T, float?> value) => new Column<T, float?>(name, ColumnTypes.Real, value);

    public static Column<T> Bool<T>(string name, Func<T, bool> value) => new Column<T, bool>(name, ColumnTypes.Boolean, value);

    public static Column<T> At<T>(string name, Func<T, long> unixMs) => new Column<T, DateTime?>(name, ColumnTypes.Time, row => Time(unixMs(row)));

    public static Column<T> AtOrNothing<T>(string name, Func<T, long> unixMs) =>
        new Column<T, DateTime?>(name, ColumnTypes.Time, row => unixMs(row) == 0 ? null : Time(unixMs(row)));

    /// <summary>The seven classes, all empty when there was no face.</summary>
    public static Column<T>[] Emotions<T>(Func<T, EmotionProbabilities?> value) =>
    [
        Real<T>("angry", row => value(row)?.Angry),
        Real<T>("disgust", row => value(row)?.Disgust),
        Real<T>("fear", row => value(row)?.Fear),
        Real<T>("happy", row => value(row)?.Happy),
        Real<T>("sad", row => value(row)?.Sad),
        Real<T>("surprise", row => value(row)?.Surprise),
        Real<T>("neutral", row => value(row)?.Neutral),
    ];

    /// <summary>What PostgreSQL's text can hold: every character but U+0000, and no half of a surrogate pair; each becomes U+FFFD.</summary>
    public static string Storable(string text)
    {
        var whole = text.AsSpan().IndexOfAnyInRange('\ud800', '\udfff') < 0 ? text : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
        return whole.Contains('\0') ? whole.Replace('\0', '\uFFFD') : whole;
    }

    /// <summary>Adds the values as parameters $1, $2, ...</summary>
    public static void AddAll(this NpgsqlCommand command, params ReadOnlySpan<object> values)
    {
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value is string text ? Storable(text) : value });
        }
    }

    /// <summary>A column of a row as Unix milliseconds; 0 = it is empty.</summary>
    public static long UnixMs(this NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? 0 : new DateTimeOffset(row.GetDateTime(column), TimeSpan.Zero).ToUnixTimeMilliseconds();

    public static DateTime Time(long unixMs) => DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(unixMs, 0, MaxUnixMs)).UtcDateTime;
}
