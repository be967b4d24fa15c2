using Microsoft.Extensions.Logging.Abstractions;
using StreamPlatform.Hosting;
using StreamPlatform.Postgres.Stores;
using StreamPlatform.Providers;
using StreamPlatform.Schemas;
using StreamPlatform.Streams;
using StreamPlatform.Tests.Unit.Providers;
using Xunit;

namespace StreamPlatform.Tests.Unit.Postgres;

/// <summary>Calls to a provider end as counts in api_keys: written behind, whatever happens to the database meanwhile.</summary>
public sealed class ApiKeyUsesTests(PostgresFixture postgres) : MigratedDatabase(postgres)
{
    private readonly VirtualTime time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task Calls_are_counted_by_key_and_a_replaced_file_changes_who_is_in_force()
    {
        using var files = new TemporaryDirectory();
        var file = Path.Combine(files.Root, "keys");
        await File.WriteAllTextAsync(file, "one\ntwo\n", Cancel);
        await using (var bench = await ProviderBench.StartAsync(time, o => o.Keys = KeyPoolOptions.Parse(file), ledger: new PostgresApiKeys(Database)))
        {
            await UntilAsync("one true 0, two true 0");
            for (var n = 0; n < 3; n++) await bench.AskAsync(user: $"Transcript: answer {n}.");
            await UntilAsync("one true 2, two true 1");

            await File.WriteAllTextAsync(file, "two\nthree\n", Cancel);
            await UntilAsync("one false 2, three true 0, two true 1");
            for (var n = 0; n < 4; n++) await bench.AskAsync(user: $"Transcript: once more, {n}.");
        }

        Assert.Equal("one false 2, three true 2, two true 3", await KeysAsync());
        Assert.Equal(["two", "three"], (await new PostgresApiKeys(Database).ListAsync("127.0.0.1", Cancel)).OrderBy(k => k.Uses).Reverse().Select(k => NameOf(k.KeyHash)));
    }

    [Fact]
    public async Task A_database_that_is_away_hurts_no_call_and_gets_the_counts_later()
    {
        await using var bench = await ProviderBench.StartAsync(time, ledger: new PostgresApiKeys(Database));
        await UntilAsync("key-one true 0");
        await ExecuteAsync("ALTER TABLE api_keys RENAME TO away");
        await bench.AskAsync();
        time.Advance(TimeSpan.FromSeconds(31));
        await bench.AskAsync(user: "Transcript: a second one.");
        time.Advance(TimeSpan.FromSeconds(31));

        await ExecuteAsync("ALTER TABLE away RENAME TO api_keys");

        await UntilAsync("key-one true 2");
        Assert.Equal("true", await TextAsync("SELECT (last_used_at >= '2026-03-01 12:00Z')::text FROM api_keys"));
    }

    [Fact]
    public async Task Processes_that_use_the_same_keys_at_once_add_up()
    {
        var keys = new PostgresApiKeys(Database);
        KeyUses[] uses = [.. new[] { "one", "two", "key-one" }.Select(k => new KeyUses(ApiKey.Sha256Of(k), 1, time.GetUtcNow()))];

        await Task.WhenAll(Enumerable.Range(0, 40).Select(async n =>
        {
            await keys.SetActiveAsync("p", [.. uses.Take(2).Select(u => u.KeyHash)], Cancel);
            await keys.AddUsesAsync("p", n % 2 == 0 ? uses : [.. uses.Reverse()], Cancel);
        }));

        // a key that nobody said to be in force is counted, and not in force
        Assert.Equal("key-one false 40, one true 40, two true 40", await KeysAsync());
    }

    [Fact]
    public async Task Processes_that_are_given_different_keys_wait_for_each_other_and_the_last_one_counts()
    {
        var keys = new PostgresApiKeys(Database);
        string[] hashes = [.. new[] { "one", "two", "three" }.Select(ApiKey.Sha256Of)];

        await Task.WhenAll(Enumerable.Range(0, 40).Select(n => keys.SetActiveAsync("p", n % 2 == 0 ? hashes[..2] : hashes[1..], Cancel)));

        Assert.Contains(await KeysAsync(), new[] { "one true 0, three false 0, two true 0", "one false 0, three true 0, two true 0" });
    }

    [Fact]
    public async Task A_service_with_a_provider_and_a_database_tells_its_keys()
    {
        var options = new PlatformOptions { Llm = "http://127.0.0.1:1/v1", LlmKeys = "one,two", Postgres = Database.ConnectionString };
        using var registry = new InMemorySchemaRegistryClient();
        await using (var context = new ServiceContext(
            options, registry, "127.0.0.1:1", ct => Stores.OpenAsync(options.Postgres, options, TimeProvider.System, NullLoggerFactory.Instance, ct), TimeProvider.System, NullLoggerFactory.Instance))
        {
            Assert.NotNull(await context.ProvidersAsync(Cancel));
        }

        Assert.Equal("one true 0, two true 0", await KeysAsync());
    }

    private async Task UntilAsync(string keys)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        for (var polls = 0; await KeysAsync() != keys; polls++)
        {
            // One interval of the writer, then real time: its flush is given up after 10 s of this clock, and a real database takes real time. The first after 0.2 s, for a flush under way.
            if (polls % 50 == 10) time.Advance(TimeSpan.FromSeconds(31));
            await Task.Delay(20, patience.Token);
        }
    }

    private static string NameOf(string hash) => new[] { "one", "two", "three", "key-one" }.Single(key => ApiKey.Sha256Of(key) == hash);

    private async Task<string> KeysAsync()
    {
        await using var command = Database.CreateCommand("SELECT key_hash, is_active::text || ' ' || usage_count FROM api_keys");
        await using var reader = await command.ExecuteReaderAsync(Cancel);
        var lines = new List<string>();
        while (await reader.ReadAsync(Cancel)) lines.Add($"{NameOf(reader.GetString(0))} {reader.GetString(1)}");
        return string.Join(", ", lines.Order(StringComparer.Ordinal));
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancel);
    }

    private async Task<string?> TextAsync(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        return await command.ExecuteScalarAsync(Cancel) as string;
    }
}
