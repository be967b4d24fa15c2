using StreamPlatform.Broker;

namespace StreamPlatform.Tests.Unit.Broker;

public sealed class BrokerStartTests
{
    [Fact]
    public async Task A_second_instance_on_the_same_directory_fails_and_names_it()
    {
        await using var fixture = await BrokerFixture.StartAsync();
        var options = new BrokerOptions { DataDirectory = fixture.DataDirectory };
        var error = await Assert.ThrowsAsync<IOException>(() => KafkaBroker.StartAsync(options, TimeProvider.System, fixture.Logger));
        Assert.Contains(fixture.DataDirectory, error.Message, StringComparison.Ordinal);
        Assert.Contains("in use", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_taken_port_fails_and_names_it()
    {
        await using var fixture = await BrokerFixture.StartAsync();
        using var other = new TempDirectory();
        var options = new BrokerOptions { DataDirectory = other.Path, Port = fixture.Broker.Port };
        var error = await Assert.ThrowsAsync<IOException>(() => KafkaBroker.StartAsync(options, TimeProvider.System, fixture.Logger));
        Assert.Contains($"port {fixture.Broker.Port}", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(other.Path));
    }

    [Fact]
    public async Task A_directory_that_cannot_be_written_fails_and_names_it()
    {
        using var parent = new TempDirectory();
        var file = Path.Combine(parent.Path, "file");
        await File.WriteAllTextAsync(file, "");
        var options = new BrokerOptions { DataDirectory = Path.Combine(file, "data") };
        using var logger = new RecordingLogger();
        var error = await Assert.ThrowsAsync<IOException>(() => KafkaBroker.StartAsync(options, TimeProvider.System, logger));
        Assert.Contains(options.DataDirectory, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_topic_catalog_fails_and_names_the_file()
    {
        using var directory = new TempDirectory();
        await File.WriteAllTextAsync(Path.Combine(directory.Path, "topics.json"), "{");
        using var logger = new RecordingLogger();
        var error = await Assert.ThrowsAsync<InvalidDataException>(
            () => KafkaBroker.StartAsync(new BrokerOptions { DataDirectory = directory.Path }, TimeProvider.System, logger));
        Assert.Contains("topics.json", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_that_cannot_be_opened_fails_and_names_the_partition()
    {
        using var directory = new TempDirectory();
        using var logger = new RecordingLogger();
        var options = new BrokerOptions { DataDirectory = directory.Path };
        await using (var broker = await KafkaBroker.StartAsync(options, TimeProvider.System, logger))
        {
            var manager = (StreamPlatform.Broker.Storage.LogManager)broker.Logs;
            manager.Create("orders", 1, new Dictionary<string, string>());
            await manager.FindLog("orders", 0)!.AppendAsync(new StreamPlatform.Broker.Storage.RecordBatchBuilder(0).Add(null, new byte[1]).Build());
        }
        var segment = Directory.GetFiles(directory.Path, "*.log", SearchOption.AllDirectories).Single(path => path.Contains("orders", StringComparison.Ordinal));
        using var held = new FileStream(segment, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        var error = await Assert.ThrowsAsync<IOException>(() => KafkaBroker.StartAsync(options, TimeProvider.System, logger));
        Assert.Contains("orders-0", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(nameof(BrokerOptions.Port), 70000)]
    [InlineData(nameof(BrokerOptions.MaxConnections), 0)]
    [InlineData(nameof(BrokerOptions.MaxRequestBytes), 1)]
    public void An_option_out_of_range_is_named_with_its_range(string name, int value)
    {
        var options = new BrokerOptions { DataDirectory = "x" };
        typeof(BrokerOptions).GetProperty(name)!.SetValue(options, value);
        var error = Assert.Throws<ArgumentException>(options.Validate);
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
        Assert.Contains("accepted range", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_loopback_is_bound_without_security()
    {
        var options = new BrokerOptions { DataDirectory = "x", Host = "0.0.0.0" };
        Assert.Contains("loopback", Assert.Throws<ArgumentException>(options.Validate).Message, StringComparison.Ordinal);
    }
}
