namespace StreamPlatform.Tests.Faults.Stores;

/// <summary>The schema registry away: what is known of schemas is cached, so records go on being written and stored meanwhile.</summary>
[Collection("Store faults")]
public sealed class RegistryOutageTests : StoreOutage
{
    private protected override async Task<IStoreUnderTest> StartAsync(SinkStage stage) => new Registry(stage.Registry, await StorePostgres.StartAsync());

    private sealed class Registry(StoreRegistry registry, StorePostgres server) : IStoreUnderTest
    {
        public string Name => "registry";

        public IReadOnlyList<string> Arguments => ["--postgres", server.ConnectionString];

        public Task KillAsync() => registry.KillAsync();

        public Task StartAgainAsync() => registry.StartAsync();

        public Task<long> EmotionsAsync() => server.NumberAsync("SELECT count(*) FROM emotion_observations");

        public Task<string?> DifferenceAsync(SinkLoad load) => StoredRows.DifferenceAsync(server.Database, load);

        public ValueTask DisposeAsync() => server.DisposeAsync();
    }
}
