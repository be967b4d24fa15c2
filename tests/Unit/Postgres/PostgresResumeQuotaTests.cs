using Npgsql;
using StreamPlatform.Postgres.Stores;
using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Postgres;

/// <summary>Quotas that outlive a gateway.</summary>
public sealed class PostgresResumeQuotaTests(PostgresFixture postgres) : MigratedDatabase(postgres)
{
    private static readonly ResumeLimits Limits = new(PerHour: 10, PerDay: 15);
    private readonly VirtualTime time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 30, TimeSpan.Zero));

    [Fact]
    public async Task An_hour_and_a_day_never_have_more_than_their_limit_and_the_wait_is_what_it_takes()
    {
        var quota = new PostgresResumeQuota(Database, time);
        Assert.Equal(TimeSpan.Zero, await quota.TakeAsync("a", 6, Limits, Cancel));
        time.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal(TimeSpan.Zero, await quota.TakeAsync("a", 4, Limits, Cancel));
        var wait = await quota.TakeAsync("a", 5, Limits, Cancel); // when the first 6 are an hour old
        Assert.InRange(wait, TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(31));
        Assert.Equal(TimeSpan.Zero, await quota.TakeAsync("b", 10, Limits, Cancel));
        time.Advance(wait);
        Assert.Equal(TimeSpan.Zero, await quota.TakeAsync("a", 5, Limits, Cancel));
        var day = await quota.TakeAsync("a", 1, Limits, Cancel);
        Assert.InRange(day, TimeSpan.FromHours(22.9), TimeSpan.FromHours(23));
        time.Advance(day - TimeSpan.FromSeconds(1));
        Assert.NotEqual(TimeSpan.Zero, await quota.TakeAsync("a", 1, Limits, Cancel));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.Zero, await quota.TakeAsync("a", 1, Limits, Cancel));
    }

    [Fact]
    public async Task Many_requests_at_once_take_no_more_than_the_limit_and_a_new_gateway_knows_it()
    {
        var quota = new PostgresResumeQuota(Database, time);
        var waits = await Task.WhenAll(Enumerable.Range(0, 40).Select(async _ => await quota.TakeAsync("a", 1, Limits, Cancel)));
        Assert.Equal(10, waits.Count(w => w == TimeSpan.Zero));
        Assert.NotEqual(TimeSpan.Zero, await new PostgresResumeQuota(Database, time).TakeAsync("a", 1, Limits, Cancel));
    }

    [Fact]
    public async Task No_address_is_stored_and_counts_of_the_day_before_are_deleted()
    {
        var quota = new PostgresResumeQuota(Database, time);
        await quota.TakeAsync("198.51.100.7", 1, Limits, Cancel);
        await using (var command = Database.CreateCommand("SELECT client FROM resume_client_usage"))
        {
            Assert.Matches("^[0-9a-f]{64}$", (string)(await command.ExecuteScalarAsync(Cancel))!);
        }

        var retention = new PostgresRetention(Database, new(), time);
        Assert.Empty(await retention.RunAsync(Cancel));
        time.Advance(TimeSpan.FromHours(26));
        Assert.Equal([new("resume_client_usage", 1L)], await retention.RunAsync(Cancel));
    }

    [Fact]
    public async Task Spending_untouched_for_13_months_is_deleted_and_the_rest_is_kept()
    {
        await using (var insert = Database.CreateCommand(
            "INSERT INTO ai_spending (account, usd, updated_at) SELECT 'session/' || n, 1, timestamptz '2025-01-31 12:00+00' FROM generate_series(1, 2500) n"))
        {
            await insert.ExecuteNonQueryAsync(Cancel);
        }

        await using (var insert = Database.CreateCommand("INSERT INTO ai_spending (account, usd, updated_at) VALUES ('month/2025-02', 7, timestamptz '2025-02-28 12:00+00')"))
        {
            await insert.ExecuteNonQueryAsync(Cancel);
        }

        Assert.Equal([new("ai_spending", 2_500L)], await new PostgresRetention(Database, new(), time).RunAsync(Cancel));
        await using var count = Database.CreateCommand("SELECT string_agg(account, ',') FROM ai_spending");
        Assert.Equal("month/2025-02", await count.ExecuteScalarAsync(Cancel));
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_a_passing_failure()
    {
        await using var nowhere = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Username=x;Database=x;Timeout=1");
        await Assert.ThrowsAsync<TransientException>(async () => await new PostgresResumeQuota(nowhere, time).TakeAsync("a", 1, Limits, Cancel));
        await Assert.ThrowsAsync<TransientException>(() => new PostgresProbe(nowhere).ProbeAsync(Cancel));
        await new PostgresProbe(Database).ProbeAsync(Cancel);
    }
}
