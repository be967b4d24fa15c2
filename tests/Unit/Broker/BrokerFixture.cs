using StreamPlatform.Broker;

namespace StreamPlatform.Tests.Unit.Broker;

/// <summary>A running broker on a private directory and any free port.</summary>
internal sealed class BrokerFixture : IAsyncDisposable
{
    private readonly TempDirectory _directory = new();
    private KafkaBroker? _broker;

    private BrokerFixture() { }

    public BrokerOptions Options { get; } = new();
    public RecordingLogger Logger { get; } = new();
    public KafkaBroker Broker => _broker!;
    public string DataDirectory => _directory.Path;

    public static async Task<BrokerFixture> StartAsync(Action<BrokerOptions>? configure = null, TimeProvider? time = null)
    {
        var fixture = new BrokerFixture();
        fixture.Options.DataDirectory = fixture._directory.Path;
        fixture.Options.AutoCreateTopics = true;
        configure?.Invoke(fixture.Options);
        fixture._broker = await KafkaBroker.StartAsync(fixture.Options, time ?? TimeProvider.System, fixture.Logger);
        return fixture;
    }

    public WireClient Connect() => new(Broker.Port);

    /// <summary>Creates a topic through the broker's own catalog.</summary>
    public void Create(string topic, int partitions = 1) =>
        ((StreamPlatform.Broker.Storage.LogManager)Broker.Logs).Create(topic, partitions, new Dictionary<string, string>());

    public async ValueTask DisposeAsync()
    {
        await Broker.DisposeAsync();
        _directory.Dispose();
    }
}
