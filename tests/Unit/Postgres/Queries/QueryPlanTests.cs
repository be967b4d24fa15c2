using System.Reflection;
using Npgsql;
using StreamPlatform.Postgres.Pool;
using StreamPlatform.Postgres.Stores;

namespace StreamPlatform.Tests.Unit.Postgres.Queries;

/// <summary>No query of the product reads a table from end to end, on a database with the statistics of real use in small.</summary>
[Collection(PostgresCollection.Name)]
public sealed class QueryPlanTests(PostgresFixture postgres) : MigratedDatabase(postgres)
{
    private const int Large = 1_000; // rows from which on reading a table from end to end is a mistake

    [Fact]
    public async Task Every_query_goes_through_an_index()
    {
        var seed = new QuerySeed(Database, sessions: 40_000, observed: 400, frames: 60);
        await seed.FillAsync(Cancel);
        var large = await LargeTablesAsync();
        Assert.Contains("scores", large);

        var log = new PlanLog();
        await using var pool = PostgresPool.Open(Database.ConnectionString, "plans", new PoolOptions(), null); // with the settings of services
        await using var explaining = log.Explaining(pool.ConnectionString);
        var wrong = new List<string>();
        foreach (var query in new ProductQueries(explaining, seed).All())
        {
            await query.RunAsync(3, Cancel);
            var plans = log.Take().Select(QueryPlan.Of).ToList();
            Assert.True(plans.Count > 0, $"{query.Name}: no plan was logged");
            wrong.AddRange(plans.SelectMany(plan => plan.SeqScans.Where(large.Contains).Select(table => $"{query.Name} reads {table} from end to end: {plan.Query}")));
            if (!query.OnlyInserts && plans.All(plan => plan.Indexes.Count == 0)) wrong.Add($"{query.Name} goes through no index");
            var months = plans.SelectMany(plan => plan.Lookups).Where(table => table.Key.StartsWith("interview_sessions_", StringComparison.Ordinal)).Sum(table => table.Value);
            if (months > query.SessionLookups) wrong.Add($"{query.Name} looks {months} times into months of sessions, {query.SessionLookups} would do");
            TestContext.Current.TestOutputHelper?.WriteLine($"{query.Name}: {string.Join(", ", plans.SelectMany(plan => plan.Indexes).Distinct().Take(6))}");
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    // What reads no table, or only by its key, row by row, while it writes; and the hourly clean-up, which reads where no index serves it (docs/stores.md).
    private static readonly string[] WithoutPlan =
    [
        "PostgresInterviewStore.WriteSessionsAsync", "PostgresInterviewStore.WriteEventsAsync", "PostgresInterviewStore.WriteAnswersAsync", "PostgresInterviewStore.WriteTranscriptsAsync",
        "PostgresInterviewStore.WriteScoresAsync", "PostgresInterviewStore.WriteReportsAsync", "PostgresInterviewStore.WriteAuditAsync",
        "PostgresEmotionStore.WriteEmotionsAsync", "PostgresEmotionStore.WriteWindowsAsync", "PostgresResumeStore.WriteResumeRequestsAsync", "PostgresResumeStore.WriteResumeResultsAsync",
        "PostgresProbe.ProbeAsync", "PostgresRetention.AloneAsync", "PostgresRetention.RunAsync",
    ];

    [Fact]
    public void Every_method_of_a_store_has_its_plan_checked()
    {
        var stores = typeof(PostgresInterviewStore).Assembly.GetTypes().Where(type => type.IsClass && type.IsPublic && type.Namespace == typeof(PostgresInterviewStore).Namespace);
        var methods = stores.SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
            .Where(method => method.ReturnType.Name.StartsWith("Task", StringComparison.Ordinal) || method.ReturnType.Name.StartsWith("ValueTask", StringComparison.Ordinal))
            .Select(method => $"{method.DeclaringType!.Name}.{method.Name}");

        var planned = new ProductQueries(Database, new QuerySeed(Database, 100, 1, 1)).All().Select(query => query.Method);
        Assert.Equal(methods.Distinct().Order(StringComparer.Ordinal), planned.Concat(WithoutPlan).Distinct().Order(StringComparer.Ordinal));
    }

    private async Task<HashSet<string>> LargeTablesAsync()
    {
        await using var command = Database.CreateCommand($"SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples > {Large}");
        await using var reader = await command.ExecuteReaderAsync(Cancel);
        var tables = new HashSet<string>();
        while (await reader.ReadAsync(Cancel)) tables.Add(reader.GetString(0));
        return tables;
    }
}
