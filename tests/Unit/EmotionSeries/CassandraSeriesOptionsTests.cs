using StreamPlatform.EmotionSeries;
using Xunit;

namespace StreamPlatform.Tests.Unit.EmotionSeries;

public sealed class CassandraSeriesOptionsTests
{
    [Theory]
    [InlineData("127.0.0.1:9042")]
    [InlineData("a.example:9042, b.example:9142")]
    [InlineData("[::1]:9042")]
    public void Contact_points_are_hosts_with_ports(string points) => new CassandraSeriesOptions { ContactPoints = points }.Validate();

    [Theory]
    [InlineData("")]
    [InlineData("127.0.0.1")]
    [InlineData("host:0")]
    [InlineData("host:65536")]
    [InlineData(":9042")]
    [InlineData("host:9042,other")]
    public void What_is_none_is_refused_by_the_option_s_name(string points) =>
        Assert.Contains("--cassandra", Assert.Throws<ArgumentException>(new CassandraSeriesOptions { ContactPoints = points }.Validate).Message, StringComparison.Ordinal);

    [Fact]
    public void Values_out_of_range_are_refused()
    {
        Action<CassandraSeriesOptions>[] wrong =
        [
            o => o.Keyspace = "1a", o => o.Keyspace = "a;DROP KEYSPACE a", o => o.Keyspace = new string('a', 49), o => o.Password = "without a user", o => o.ReplicationFactor = 0,
            o => o.Retention = TimeSpan.FromHours(1), o => o.Retention = TimeSpan.FromDays(3651), o => o.MaxInFlight = 0, o => o.RowsPerRequest = 501, o => o.RequestTimeout = TimeSpan.Zero,
            o => o.TlsName = "without.tls", o => (o.Tls, o.TlsName) = (true, "no name"),
        ];
        Assert.All(wrong, change =>
        {
            var options = new CassandraSeriesOptions { ContactPoints = "127.0.0.1:9042" };
            change(options);
            Assert.Throws<ArgumentException>(options.Validate);
        });
    }

    [Fact]
    public void Shards_and_table_ids_never_change()
    {
        Assert.Equal([5, 4, 0], new[] { "session-1", "session-2", "Grüße" }.Select(WindowTables.ShardOf));
        Assert.Equal(SeriesSchema.Id("KS", "t"), SeriesSchema.Id("ks", "t"));
        Assert.NotEqual(SeriesSchema.Id("ks", "t"), SeriesSchema.Id("ks", "u"));
    }

    [Fact]
    public void A_partition_of_observations_is_bounded_whatever_the_frame_rate()
    {
        Assert.Equal(0, EmotionTable.BucketOf(EmotionTable.RowsPerPartition - 1));
        Assert.Equal(1, EmotionTable.BucketOf(EmotionTable.RowsPerPartition));
        Assert.InRange(EmotionTable.RowsPerPartition, 1, 100_000);
    }

    [Fact]
    public void Text_is_ordered_by_code_points()
    {
        string[] ordered = ["", "a", "a\u00E9", "aa"];
        Assert.Equal(["", "a", "aa", "a\u00E9"], ordered.Order(Comparer<string>.Create(CodePoints.Compare)));
        Assert.True(CodePoints.Compare("\uFFEE", "\U0001F642") < 0);
        Assert.Equal(0, CodePoints.Compare("x\U0001F642", "x\U0001F642"));
    }
}
