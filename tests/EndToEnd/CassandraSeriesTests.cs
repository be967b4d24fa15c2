using System.Text.Json.Nodes;
using StreamPlatform.Tests.EndToEnd.Support;
using Xunit;

namespace StreamPlatform.Tests.EndToEnd;

/// <summary>The demo on real engines: Apache Kafka carries it, Apache Cassandra keeps the emotion series.</summary>
public sealed class CassandraSeriesTests
{
    [Fact]
    [Trait("Run", "all")]
    public async Task The_demo_on_Apache_Kafka_and_Cassandra_stores_every_analysed_frame_once()
    {
        await using var cassandra = await ApacheCassandra.StartAsync();
        await using var kafka = await ApacheKafka.StartAsync();
        using var data = new DataDirectory();
        await using var process = PlatformProcess.Start(
            "demo", data.Path, "--exit", "--json", "--kafka", kafka.BootstrapServers, "--cassandra", cassandra.ContactPoint);
        var code = await process.ExitAsync(TimeSpan.FromMinutes(6));
        Assert.True(process.Output.Length > 0, process.Errors);
        var outcome = JsonNode.Parse(process.Output)!;
        Assert.True(outcome["ok"]!.GetValue<bool>(), outcome["problems"]!.ToJsonString() + process.Errors);
        Assert.Equal(0, code);
        var series = outcome["stored"]!["emotionSeries"]!;
        Assert.Equal("cassandra", series["store"]!.GetValue<string>());
        Assert.Equal(outcome["frames"]!["analysed"]!.GetValue<long>(), series["rows"]!.GetValue<long>());
        Assert.NotEmpty(outcome["emotion"]!["windows"]!.AsArray());
    }

    [Fact]
    [Trait("Run", "all")]
    public async Task The_demo_reaches_a_Cassandra_that_wants_TLS_and_a_password()
    {
        await using var cassandra = await ApacheCassandra.StartAsync(secured: true);
        using var data = new DataDirectory();
        var environment = new Dictionary<string, string>
        {
            ["STREAMPLATFORM_CASSANDRA"] = cassandra.ContactPoint,
            ["STREAMPLATFORM_CASSANDRA_TLS"] = "1",
            ["STREAMPLATFORM_CASSANDRA_USER"] = "cassandra",
            ["STREAMPLATFORM_CASSANDRA_PASSWORD"] = "cassandra",
            ["SSL_CERT_FILE"] = cassandra.CertificateFile, // the machine's authorities, for this process
        };
        await using var process = PlatformProcess.StartRaw(
            ["demo", "--data", data.Path, "--listen", "127.0.0.1:0", "--broker-listen", "127.0.0.1:0", "--registry-listen", "127.0.0.1:0", "--exit", "--json"], environment);
        var code = await process.ExitAsync(TimeSpan.FromMinutes(6));
        Assert.True(process.Output.Length > 0, process.Errors);
        var outcome = JsonNode.Parse(process.Output)!;
        Assert.True(outcome["ok"]!.GetValue<bool>(), outcome["problems"]!.ToJsonString() + process.Errors);
        Assert.Equal(0, code);
        var series = outcome["stored"]!["emotionSeries"]!;
        Assert.Equal(("cassandra", outcome["frames"]!["analysed"]!.GetValue<long>()), (series["store"]!.GetValue<string>(), series["rows"]!.GetValue<long>()));
    }

    [Fact]
    public async Task A_Cassandra_that_is_not_there_is_named_at_the_start()
    {
        using var data = new DataDirectory();
        await using var process = PlatformProcess.Start("demo", data.Path, "--exit", "--json", "--cassandra", "127.0.0.1:1");
        Assert.NotEqual(0, await process.ExitAsync(TimeSpan.FromMinutes(2)));
        Assert.Contains("check --cassandra", process.Errors, StringComparison.Ordinal);
    }
}
