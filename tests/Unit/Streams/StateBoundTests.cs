using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams;

/// <summary>State in memory has a bound.</summary>
public sealed class StateBoundTests
{
    private const int ValueBytes = 100_000;

    [Fact]
    public void Beyond_its_bound_the_instance_stops_and_names_the_option()
    {
        using var driver = Driver();
        var error = Assert.Throws<StreamsConfigurationException>(() =>
        {
            for (var i = 0; i < 20; i++) driver.Pipe("in", $"key{i}", "put", Serdes.Utf8, Serdes.Utf8);
        });
        Assert.Contains(nameof(StreamsOptions.MaxStateBytes), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_replaced_or_deleted_does_not_count()
    {
        using var driver = Driver();
        for (var i = 0; i < 100; i++)
        {
            driver.Pipe("in", $"key{i % 5}", "put", Serdes.Utf8, Serdes.Utf8);
            driver.Pipe("in", $"other{i}", "put", Serdes.Utf8, Serdes.Utf8);
            driver.Pipe("in", $"other{i}", "delete", Serdes.Utf8, Serdes.Utf8);
        }
        driver.Restart();
        driver.Pipe("in", "key0", "put", Serdes.Utf8, Serdes.Utf8);
    }

    private static TopologyTestDriver Driver()
    {
        var builder = new StreamsBuilder("test");
        builder.Stream("in", Serdes.Utf8, Serdes.Utf8).Process<byte[], string>("blobs", Serdes.Bytes, (state, what) =>
        {
            if (what == "put") state.Put(new byte[ValueBytes]);
            else state.Delete();
            return [];
        });
        return new TopologyTestDriver(builder.Build(), new StreamsOptions { TableWaitMs = 0, MaxStateBytes = 1024 * 1024 });
    }
}
