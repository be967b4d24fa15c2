using System.Text.Encodings.Web;
using System.Text.Json;
using NpgsqlTypes;
using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Postgres.Stores;

/// <summary>Short forms for the stores' column lists, and the mapping of values.</summary>
internal static class Columns
{
    // The last millisecond of the year 9999: nothing a record says can be out of the type's range.
    private const long MaxUnixMs = 253_402_300_799_999;

    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Column<T> Key<T>(string name, Func<T, string> value) => new(name, NpgsqlDbType.Text, value, IsKey: true);

    public static Column<T> TimeKey<T>(string name, Func<T, long> unixMs) => new(name, NpgsqlDbType.TimestampTz, row => Time(unixMs(row)), IsKey: true);

    public static Column<T> LongKey<T>(string name, Func<T, long> value) => new(name, NpgsqlDbType.Bigint, row => value(row), IsKey: true);

    public static Column<T> IntKey<T>(string name, Func<T, int> value) => new(name, NpgsqlDbType.Integer, row => value(row), IsKey: true);

    public static Column<T> Text<T>(string name, Func<T, string> value) => new(name, NpgsqlDbType.Text, value);

    public static Column<T> JsonText<T>(string name, Func<T, string> value) => new(name, NpgsqlDbType.Jsonb, row => value(row).Replace("\\u0000", "\\uFFFD", StringComparison.Ordinal));

    public static Column<T> Strings<T>(string name, Func<T, IEnumerable<string>> value) => JsonText<T>(name, row => JsonSerializer.Serialize(value(row), Json));

    public static Column<T> Int<T>(string name, Func<T, int> value) => new(name, NpgsqlDbType.Integer, row => value(row));

    public static Column<T> Long<T>(string name, Func<T, long> value) => new(name, NpgsqlDbType.Bigint, row => value(row));

    public static Column<T> Real<T>(string name, Func<T, float?> value) => new(name, NpgsqlDbType.Real, row => value(row));

    public static Column<T> Bool<T>(string name, Func<T, bool> value) => new(name, NpgsqlDbType.Boolean, row => value(row));

    public static Column<T> At<T>(string name, Func<T, long> unixMs) => new(name, NpgsqlDbType.TimestampTz, row => Time(unixMs(row)));

    public static Column<T> AtOrNothing<T>(string name, Func<T, long> unixMs) => new(name, NpgsqlDbType.TimestampTz, row => unixMs(row) == 0 ? null : Time(unixMs(row)));

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

    public static DateTime Time(long unixMs) => DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(unixMs, 0, MaxUnixMs)).UtcDateTime;
}
