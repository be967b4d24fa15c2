using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StreamPlatform.Postgres.Migrations;
using StreamPlatform.Postgres.Stores;
using StreamPlatform.Providers;

namespace StreamPlatform.Tests.Unit.Postgres;

[Collection(PostgresCollection.Name)]
public sealed class PostgresSpendLedgerTests(PostgresFixture fixture)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Spending_is_kept_is_all_or_nothing_and_never_passes_a_limit_from_many_connections()
    {
        await using var database = NpgsqlDataSource.Create(await fixture.CreateDatabaseAsync());
        await PostgresMigrations.ApplyAsync(database, NullLoggerFactory.Instance, TimeProvider.System, Ct);
        var ledger = new PostgresSpendLedger(database);
        SpendLimit[] accounts = [new("session/a", 0.10m), new("tenant/acme/2026-03", 5), new("month/2026-03", 5)];
        var taken = await Task.WhenAll(Enumerable.Range(0, 40).Select(async i =>
            await ledger.TryTakeAsync(i % 2 == 0 ? accounts : [accounts[0], accounts[2], accounts[1]], 0.004m, Ct)));
        Assert.Equal((25, 15), (taken.Count(t => t is null), taken.Count(t => t?.Account == "session/a")));
        await ledger.CorrectAsync(accounts, -0.05m, Ct);
        var afterRestart = new PostgresSpendLedger(database);
        Assert.Equal((0.05m, 0.05m, 0m), (await afterRestart.SpentAsync("session/a", Ct), await afterRestart.SpentAsync("month/2026-03", Ct), await afterRestart.SpentAsync("session/b", Ct)));
    }
}
