using Confluent.Kafka;
using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams;

/// <summary>What <see cref="StreamsOptions"/> promises beside each property.</summary>
public sealed class OptionTests
{
    private static readonly ISerde<string> Text = Serdes.Utf8;

    private static TopologyTestDriver Driver(Func<IKStream<string, string>, IKStream<string, string>> steps, StreamsOptions options)
    {
        var builder = new StreamsBuilder("options");
        steps(builder.Stream("in", Text, Text)).To("out", Text, Text);
        options.TableWaitMs = 0;
        return new TopologyTestDriver(builder.Build(), options);
    }

    private static List<string?> Out(TopologyTestDriver driver) => [.. driver.Read("out", Text, Text).Select(r => r.Value)];

    public static TheoryData<string> Numbers => new(typeof(StreamsOptions).GetProperties().Where(p => p.PropertyType == typeof(int) || p.PropertyType == typeof(long)).Select(p => p.Name));

    [Theory]
    [MemberData(nameof(Numbers))]
    public void A_number_out_of_its_range_is_refused_by_name(string option)
    {
        var property = typeof(StreamsOptions).GetProperty(option)!;
        foreach (var wrong in new[] { -1L, property.PropertyType == typeof(int) ? int.MaxValue : long.MaxValue })
        {
            var options = new StreamsOptions { ApplicationId = "options" };
            options.Validate();
            property.SetValue(options, Convert.ChangeType(wrong, property.PropertyType));
            Assert.Contains(option, Assert.Throws<StreamsConfigurationException>(options.Validate).Message);
        }
    }

    [Fact]
    public void A_record_larger_than_MaxRecordBytes_makes_its_source_poison()
    {
        using var driver = Driver(s => s.MapValues(v => new string('x', int.Parse(v))), new StreamsOptions { MaxRecordBytes = 1024 });
        foreach (var bytes in new[] { 1023, 1024, 3 }) driver.Pipe("in", "k", $"{bytes}", Text, Text); // the key is a byte
        Assert.Equal([1023, 3], Out(driver).Select(v => v!.Length));
        var letter = Assert.Single(driver.ReadDeadLetters("in"));
        Assert.Equal("1024", Text.Deserialize("", letter.Value));
        Assert.Contains(nameof(StreamsOptions.MaxRecordBytes), letter.Headers.LastUtf8("dlq.cause"));
    }

    [Fact]
    public void State_larger_than_MaxRecordBytes_makes_its_record_poison_and_stays_as_it_was()
    {
        using var driver = Driver(s => s.FlatMapWithState<string, string>("all", Text, (all, v) => (all + v, [$"{(all + v).Length}"])), new StreamsOptions { MaxRecordBytes = 1024 });
        foreach (var value in new[] { new string('a', 600), new string('b', 600), "c" }) driver.Pipe("in", "k", value, Text, Text);
        Assert.Equal(["600", "601"], Out(driver));
        Assert.Contains(nameof(StreamsOptions.MaxRecordBytes), Assert.Single(driver.ReadDeadLetters("in")).Headers.LastUtf8("dlq.cause"));
    }

    [Theory]
    [InlineData(ExhaustedPolicy.DeadLetter, false)]
    [InlineData(ExhaustedPolicy.DeadLetter, true)]
    [InlineData(ExhaustedPolicy.Fatal, false)]
    [InlineData(ExhaustedPolicy.Fatal, true)]
    public void OnExhausted_decides_what_a_transient_error_that_outlives_its_attempts_does(ExhaustedPolicy policy, bool asynchronous)
    {
        var tries = 0;
        string Away(string v) => v == "bad" && ++tries > 0 ? throw new TransientException("away") : v;
        using var driver = Driver(s => asynchronous ? s.MapAsync("step", (_, v, _) => Task.FromResult(Away(v))) : s.MapValues(Away), new StreamsOptions { OnExhausted = policy, MaxAttempts = 3 });
        driver.Pipe("in", "k", "good", Text, Text);
        if (policy == ExhaustedPolicy.Fatal)
        {
            Assert.Contains("away", Assert.Throws<FatalStepException>(() => driver.Pipe("in", "k", "bad", Text, Text)).Message);
            Assert.Empty(driver.ReadDeadLetters("in")); // no offset passes it
        }
        else
        {
            driver.Pipe("in", "k", "bad", Text, Text);
            driver.Pipe("in", "k", "next", Text, Text);
            Assert.Equal("3", Assert.Single(driver.ReadDeadLetters("in")).Headers.LastUtf8("dlq.attempts"));
        }
        Assert.Equal(3, tries);
        Assert.Equal(policy == ExhaustedPolicy.Fatal ? ["good"] : ["good", "next"], Out(driver));
    }

    [Fact]
    public void Client_settings_reach_every_client_but_do_not_replace_the_runtimes_own()
    {
        var options = new StreamsOptions
        {
            ApplicationId = "options", BootstrapServers = "broker:1",
            ClientSettings = new Dictionary<string, string> { ["ssl.ca.location"] = "ca.pem", ["bootstrap.servers"] = "elsewhere:1", ["allow.auto.create.topics"] = "true" },
        };
        var settings = new TransportSettings(options, "options-0", "options-0", (_, _) => { });
        foreach (ClientConfig config in new ClientConfig[] { new ConsumerConfig(), new ProducerConfig(), new AdminClientConfig() })
        {
            var given = ConfluentTransport.Common(config, settings, "role").ToDictionary(c => c.Key, c => c.Value);
            Assert.Equal(("ca.pem", "broker:1", "false"), (given["ssl.ca.location"], given["bootstrap.servers"], given["allow.auto.create.topics"].ToLowerInvariant()));
        }
    }

    [Fact]
    public async Task A_client_setting_that_does_not_exist_stops_the_start_by_name()
    {
        var builder = new StreamsBuilder("options");
        builder.Stream("in", Text, Text).To("out", Text, Text);
        await using var application = new StreamsApplication(builder.Build(), new StreamsOptions { BootstrapServers = "127.0.0.1:1", ClientSettings = new Dictionary<string, string> { ["no.such.setting"] = "1" } });
        Assert.Contains("no.such.setting", (await Assert.ThrowsAnyAsync<Exception>(() => application.StartAsync())).Message);
        Assert.Equal(StreamsState.Failed, application.Health.State);
    }
}
