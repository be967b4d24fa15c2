using Npgsql;
using StreamPlatform.Postgres.Stores;
using StreamPlatform.Providers;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Tests.Unit.Postgres.Queries;

/// <summary>Every read of the product, and the writes that look for rows, called as the product calls them on the rows of <see cref="QuerySeed"/>.</summary>
internal sealed class ProductQueries(NpgsqlDataSource database, QuerySeed seed)
{
    private const int Page = 100;
    private const int LargestPage = 500;
    private const long MiddleMs = 1_772_323_200_000; // 2026-03-01

    /// <param name="Name">As it is reported.</param>
    /// <param name="RunAsync">Runs it for one of several samples.</param>
    public sealed record Query(string Name, Func<int, CancellationToken, Task> RunAsync);

    public IEnumerable<Query> All()
    {
        var interviews = new InterviewQueries(database, new EmotionSeriesQueries(database));
        yield return new("sessions, newest", async (_, ct) => Some(await interviews.ListSessionsAsync(Page, ct)));
        yield return new("sessions, largest page", async (_, ct) => Some(await interviews.ListSessionsAsync(LargestPage, ct)));
        yield return new("sessions, a page in the middle", async (_, ct) => Some(await interviews.ListSessionsAsync(new SessionPage(Page) { BeforeMs = MiddleMs, BeforeId = "z" }, ct)));
        yield return new("sessions of a status", async (_, ct) => Some(await interviews.ListSessionsAsync(new SessionPage(Page) { Status = "interrupted" }, ct)));
        yield return new("results of a session", async (n, ct) => Found(await interviews.GetResultsAsync(Session(n), ct)));
        yield return new("results of an unknown session", async (n, ct) => Nothing(await interviews.GetResultsAsync($"unknown-{n}", ct)));
        yield return new("report of a session", async (n, ct) => Found(await interviews.GetReportAsync(Session(n), ct)));

        var transcripts = new TranscriptQueries(database);
        yield return new("transcripts, newest", async (_, ct) => Some(await transcripts.ListAsync(needsCorrection: false, Page, ct)));
        yield return new("transcripts, a page in the middle", async (_, ct) => Some(await transcripts.ListAsync(needsCorrection: false, new ListPage(Page) { AfterMs = MiddleMs, AfterId = "z" }, ct)));
        yield return new("transcripts to correct", async (_, ct) => Some(await transcripts.ListAsync(needsCorrection: true, Page, ct)));
        yield return new("transcript of an answer", async (n, ct) => Found(await transcripts.FindAsync($"{Session(n)}/1", ct)));

        var reviews = new PostgresReviewQueue(database);
        yield return new("reviews, open", async (_, ct) => Some(await reviews.ListAsync("open", Page, ct)));
        yield return new("reviews, open, largest page", async (_, ct) => Some(await reviews.ListAsync("open", LargestPage, ct)));
        yield return new("reviews, decided", async (_, ct) => Some(await reviews.ListAsync("decided", Page, ct)));
        yield return new("reviews, open, a page in the middle", async (_, ct) => Some(await reviews.ListAsync("open", new ListPage(Page) { AfterMs = MiddleMs, AfterId = "z" }, ct)));
        yield return new("reviews, decided, a page in the middle", async (_, ct) => Some(await reviews.ListAsync("decided", new ListPage(Page) { AfterMs = MiddleMs, AfterId = "z" }, ct)));
        yield return new("review of an answer", async (n, ct) => Found(await reviews.FindAsync($"{Session(n)}/0", ct)));

        var resumes = new ResumeQueries(database);
        yield return new("task of resumes", async (n, ct) => Found(await resumes.GetTaskAsync($"task-{n}", ct)));
        yield return new("items of a task", async (n, ct) => Some(await resumes.GetItemsAsync($"task-{n}", 0, Page, ct)));
        var cache = new PostgresResumeStore(database, TimeProvider.System);
        yield return new("cached resume, unknown", async (n, ct) => Nothing(await cache.FindAsync(Key(n), ct)));
        yield return new("cached resume, put", async (n, ct) => await cache.PutAsync(Key(n), new ResumeOptimized(), ct));

        var spending = new PostgresSpendLedger(database);
        yield return new("spending, take", async (n, ct) => Nothing(await spending.TryTakeAsync([new($"session/{Session(n)}", 1_000)], 0.001m, ct)));
        yield return new("spending, read", async (n, ct) => await spending.SpentAsync($"session/{Session(n)}", ct));
    }

    private string Session(int number) => seed.BusySession(number);

    private static ResumeKey Key(int n) => new($"tenant-{n % 200}", $"job-{n % 500}", $"c-{n}", 1, $"hash-{n}");

    // Without a test framework: the benchmark calls them too.
    private static void Some<T>(IReadOnlyCollection<T> rows) => Require(rows.Count > 0, "no rows were found");

    private static void Found(object? row) => Require(row is not null, "the row was not found");

    private static void Nothing(object? row) => Require(row is null, "a row was found that is not there");

    private static void Require(bool condition, string message)
    {
        if (!condition) throw new InvalidOperationException(message);
    }
}
