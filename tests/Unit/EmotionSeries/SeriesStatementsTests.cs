using System.Text.RegularExpressions;
using Cassandra;
using StreamPlatform.EmotionSeries;

namespace StreamPlatform.Tests.Unit.EmotionSeries;

public sealed partial class SeriesStatementsTests
{
    private static readonly string[] Texts =
    [
        EmotionTable.Insert("ks"), EmotionTable.SelectPage("ks"), EmotionTable.Count("ks"), EmotionTable.Delete("ks"), EmotionBuckets.Insert("ks"), EmotionBuckets.SelectPage("ks"),
        WindowTables.InsertBySession("ks"), WindowTables.SelectBySession("ks"), WindowTables.DeleteBySession("ks"),
        WindowTables.InsertByDay("ks"), WindowTables.SelectByDay("ks"), WindowTables.DeleteByDay("ks"),
    ];

    private static readonly Dictionary<string, string> Definitions = new()
    {
        [EmotionTable.Name] = EmotionTable.Definition,
        [EmotionBuckets.Name] = EmotionBuckets.Definition,
        [WindowTables.BySession] = WindowTables.BySessionDefinition,
        [WindowTables.ByDay] = WindowTables.ByDayDefinition,
    };

    [Fact]
    public void All_statements_are_looked_at_here() =>
        Assert.Equal(typeof(SeriesStatements).GetProperties().Count(property => property.PropertyType == typeof(PreparedStatement)), Texts.Length);

    /// <summary>A node prepares again at its start what it knew before, in no keyspace: it logs an error for each table that it then cannot find.</summary>
    [Fact]
    public void Every_statement_names_its_keyspace() => Assert.All(Texts, text => Assert.Matches(@" (FROM|INTO) ks\.emotion[a-z_]+ ", text));

    [Fact]
    public void Every_query_and_deletion_is_of_one_partition_and_every_query_is_bounded() => Assert.All(Texts.Where(text => !text.StartsWith("INSERT", StringComparison.Ordinal)), text =>
    {
        var definition = Definitions[TableName().Match(text).Groups[1].Value];
        var key = PartitionKey().Match(definition);
        var columns = (key.Groups["many"].Success ? key.Groups["many"].Value : key.Groups["one"].Value).Split(", ");
        var where = text[text.IndexOf(" WHERE ", StringComparison.Ordinal)..];
        Assert.All(columns, column => Assert.Contains($" {column} = ?", where, StringComparison.Ordinal));
        Assert.DoesNotContain("FILTERING", text, StringComparison.OrdinalIgnoreCase);
        // what counts reads a partition of at most 8,192 rows; a deletion reads nothing
        Assert.True(where.EndsWith(" LIMIT ?", StringComparison.Ordinal) || text.StartsWith("DELETE", StringComparison.Ordinal) || text == EmotionTable.Count("ks"), text);
    });

    [GeneratedRegex(@"FROM ks\.(\w+)")]
    private static partial Regex TableName();

    [GeneratedRegex(@"PRIMARY KEY \((?:\((?<many>[^)]+)\)|(?<one>\w+))")]
    private static partial Regex PartitionKey();
}
