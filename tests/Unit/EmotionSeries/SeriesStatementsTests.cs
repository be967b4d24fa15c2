using Cassandra;
using StreamPlatform.EmotionSeries;

namespace StreamPlatform.Tests.Unit.EmotionSeries;

public sealed class SeriesStatementsTests
{
    /// <summary>A node prepares again at its start what it knew before, in no keyspace: it logs an error for each table that it then cannot find.</summary>
    [Fact]
    public void Every_statement_names_its_keyspace()
    {
        string[] texts =
        [
            EmotionTable.Insert("ks"), EmotionTable.SelectPage("ks"), EmotionTable.Count("ks"), EmotionTable.Delete("ks"), EmotionBuckets.Insert("ks"), EmotionBuckets.SelectPage("ks"),
            WindowTables.InsertBySession("ks"), WindowTables.SelectBySession("ks"), WindowTables.DeleteBySession("ks"),
            WindowTables.InsertByDay("ks"), WindowTables.SelectByDay("ks"), WindowTables.DeleteByDay("ks"),
        ];
        Assert.Equal(typeof(SeriesStatements).GetProperties().Count(property => property.PropertyType == typeof(PreparedStatement)), texts.Length);
        Assert.All(texts, text => Assert.Matches(@" (FROM|INTO) ks\.emotion[a-z_]+ ", text));
    }
}
