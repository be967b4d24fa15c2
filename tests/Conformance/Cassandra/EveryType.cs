using System.Net;
using System.Numerics;
using Cassandra;

namespace StreamPlatform.Tests.Conformance.Cassandra;

/// <summary>A column of every CQL type, with a value of it in .NET and the text that tests/js/cassandra/types.mjs makes of the same value.</summary>
internal static class EveryType
{
    public const string UdtDefinition = "street text, number int";

    public static readonly (string Name, string Cql, object Value, string Js)[] Columns =
    [
        ("c_ascii", "ascii", "plain", "plain"),
        ("c_bigint", "bigint", -9007199254740993L, "-9007199254740993"),
        ("c_blob", "blob", new byte[] { 0x00, 0xFF, 0x10 }, "00ff10"),
        ("c_boolean", "boolean", true, "true"),
        ("c_date", "date", new LocalDate(2024, 2, 29), "2024-02-29"),
        ("c_decimal", "decimal", -12345.6700m, "-12345.6700"),
        ("c_double", "double", -1.5e300, "-1.5e+300"),
        ("c_duration", "duration", new Duration(-1, -2, -3), "-1mo-2d-3ns"),
        ("c_float", "float", 0.15625f, "0.15625"),
        ("c_inet", "inet", IPAddress.Parse("192.0.2.7"), "192.0.2.7"),
        ("c_inet6", "inet", IPAddress.Parse("2001:db8::1"), "2001:db8::1"),
        ("c_int", "int", int.MinValue, "-2147483648"),
        ("c_smallint", "smallint", short.MinValue, "-32768"),
        ("c_text", "text", "Grüße 🎉", "Grüße 🎉"),
        ("c_time", "time", new LocalTime(45_296_123_456_789), "12:34:56.123456789"),
        ("c_timestamp", "timestamp", DateTimeOffset.FromUnixTimeMilliseconds(1732790096123), "1732790096123"),
        ("c_timeuuid", "timeuuid", TimeUuid.FromGuid(Guid.Parse("50554d6e-29bb-11e5-b345-feff819cdc9f")), "50554d6e-29bb-11e5-b345-feff819cdc9f"),
        ("c_tinyint", "tinyint", sbyte.MinValue, "-128"),
        ("c_uuid", "uuid", Guid.Parse("d8e5c4f0-0b9f-4d4e-8a44-6f0a9a2c1b3d"), "d8e5c4f0-0b9f-4d4e-8a44-6f0a9a2c1b3d"),
        ("c_varint", "varint", BigInteger.Parse("-123456789012345678901234567890"), "-123456789012345678901234567890"),
        ("c_list", "list<text>", new[] { "b", "a" }, "[b,a]"),
        ("c_set", "set<int>", new HashSet<int> { 3, 1, 2 }, "[1,2,3]"),
        ("c_map", "map<text, int>", new Dictionary<string, int> { ["a"] = 1, ["b"] = 2 }, "{a:1,b:2}"),
        ("c_tuple", "tuple<int, text>", (7, "seven"), "(7,seven)"),
        ("c_udt", "frozen<address>", new Dictionary<string, object?> { ["street"] = "Main", ["number"] = 5 }, "{number:5,street:Main}"),
        ("c_vector", "vector<float, 3>", new CqlVector<float>(1, 2.5f, -3), "[1,2.5,-3]"),
        ("c_textvector", "vector<text, 2>", new CqlVector<string>("x", "yz"), "[x,yz]"),
        ("c_nested", "map<text, frozen<list<frozen<tuple<int, text>>>>>", new Dictionary<string, object> { ["k"] = new[] { (1, "one") } }, "{k:[(1,one)]}"),
    ];

    public static string Table(string name) => $"CREATE TABLE {name} (id int PRIMARY KEY, {string.Join(", ", Columns.Select(column => $"{column.Name} {column.Cql}"))})";
}
