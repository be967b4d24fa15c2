namespace StreamPlatform.Tests.Faults.Stores;

/// <summary>PostgreSQL away.</summary>
[Collection("Store faults")]
public sealed class PostgresOutageTests : StoreOutage
{
    [Fact]
    public Task Neither_does_a_minute_without_it_on_Apache_Kafka() => LosesAndDoublesNothingAsync(StageBroker.ApacheKafka);

    private protected override async Task<IStoreUnderTest> StartAsync(SinkStage stage) => new Postgres(await StorePostgres.StartAsync());

    private sealed class Postgres(StorePostgres server) : IStoreUnderTest
    {
        public string Name => "postgres";

        public IReadOnlyList<string> Arguments => ["--postgres", server.ConnectionString];

        public Task KillAsync() => server.KillAsync();

        public Task StartAgainAsync() => server.StartAgainAsync();

        public Task<long> EmotionsAsync() => server.NumberAsync("SELECT count(*) FROM emotion_observations");

        public Task<string?> DifferenceAsync(SinkLoad load) => StoredRows.DifferenceAsync(server.Database, load);

        public ValueTask DisposeAsync() => server.DisposeAsync();
    }
}
