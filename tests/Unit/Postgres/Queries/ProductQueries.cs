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
    /// <param name="Method">Of a store: CLASS.METHOD.</param>
    /// <param name="RunAsync">Runs it for one of several samples.</param>
    public sealed record Query(string Name, string Method, Func<int, CancellationToken, Task> RunAsync)
    {
        /// <summary>How often a month's partition of the sessions may be looked into: once for each session that is asked for by its id. Null = it lists sessions.</summary>
        public int? SessionLookups { get; init; }

        /// <summary>It reads nothing; that its row is not there already is checked by every unique index, which a plan does not show.</summary>
        public bool OnlyInserts { get; init; }
    }

    public IEnumerable<Query> All() => [.. Interviews(), .. Series(), .. Transcripts(), .. Reviews(), .. Resumes(), .. Accounts(), .. Media(), .. Deliveries()];

    private IEnumerable<Query> Interviews()
    {
        var interviews = new InterviewQueries(database, new EmotionSeriesQueries(database));
        const string list = $"{nameof(InterviewQueries)}.{nameof(InterviewQueries.ListSessionsAsync)}", results = $"{nameof(InterviewQueries)}.{nameof(InterviewQueries.GetResultsAsync)}";
        yield return new("sessions, newest", list, async (_, ct) => Some(await interviews.ListSessionsAsync(Page, ct)));
        yield return new("sessions, largest page", list, async (_, ct) => Some(await interviews.ListSessionsAsync(LargestPage, ct)));
        yield return new("sessions, a page in the middle", list, async (_, ct) => Some(await interviews.ListSessionsAsync(new SessionPage(Page) { BeforeMs = MiddleMs, BeforeId = "z" }, ct)));
        yield return new("sessions of a status", list, async (_, ct) => Some(await interviews.ListSessionsAsync(new SessionPage(Page) { Status = "interrupted" }, ct)));
        yield return new("results of a session", results, async (n, ct) => Found(await interviews.GetResultsAsync(Session(n), ct))) { SessionLookups = 1 };
        yield return new("results of an unknown session", results, async (n, ct) => Nothing(await interviews.GetResultsAsync($"unknown-{n}", ct))) { SessionLookups = 0 };
        yield return new("report of a session", $"{nameof(InterviewQueries)}.{nameof(InterviewQueries.GetReportAsync)}", async (n, ct) => Found(await interviews.GetReportAsync(Session(n), ct))) { SessionLookups = 0 };
    }

    private IEnumerable<Query> Series()
    {
        var series = new EmotionSeriesQueries(database);
        const string of = $"{nameof(EmotionSeriesQueries)}.";
        yield return new("emotions of a session", of + nameof(series.ReadEmotionsAsync), async (n, ct) => Some(await series.ReadEmotionsAsync(Session(n), 0, EmotionPages.MaxPage, ct)));
        yield return new("emotions of a session, a page in the middle", of + nameof(series.ReadEmotionsAsync), async (n, ct) => Some(await series.ReadEmotionsAsync(Session(n), 20, Page, ct)));
        yield return new("count of a session's emotions", of + nameof(series.CountEmotionsAsync), async (n, ct) => Found(await series.CountEmotionsAsync(Session(n), ct)));
        yield return new("windows of a session", of + nameof(series.ReadWindowsAsync), async (n, ct) => Some(await series.ReadWindowsAsync(Session(n), -1, Page, ct)));
        yield return new("windows of a tenant's day", of + nameof(series.ReadDayAsync), async (n, ct) => await series.ReadDayAsync($"tenant-{n % 200}", new DateOnly(2026, 3, 1), null, EmotionPages.MaxPage, ct));
        yield return new(
            "windows of a tenant's day, a page in the middle", of + nameof(series.ReadDayAsync),
            async (n, ct) => await series.ReadDayAsync($"tenant-{n % 200}", new DateOnly(2026, 3, 1), new WindowPosition(MiddleMs + 3_600_000, "z"), Page, ct));
        var store = new PostgresEmotionStore(database);
        yield return new("deletion of a session's emotions", $"{nameof(PostgresEmotionStore)}.{nameof(store.DeleteSessionAsync)}", (n, ct) => store.DeleteSessionAsync($"unknown-{n}", ct));
    }

    private IEnumerable<Query> Transcripts()
    {
        var transcripts = new TranscriptQueries(database);
        const string list = $"{nameof(TranscriptQueries)}.{nameof(TranscriptQueries.ListAsync)}";
        yield return new("transcripts, newest", list, async (_, ct) => Some(await transcripts.ListAsync(needsCorrection: false, Page, ct)));
        yield return new("transcripts, a page in the middle", list, async (_, ct) => Some(await transcripts.ListAsync(needsCorrection: false, new ListPage(Page) { AfterMs = MiddleMs, AfterId = "z" }, ct)));
        yield return new("transcripts to correct", list, async (_, ct) => Some(await transcripts.ListAsync(needsCorrection: true, Page, ct)));
        yield return new("transcripts to correct, a page in the middle", list, async (_, ct) => Some(await transcripts.ListAsync(needsCorrection: true, new ListPage(Page) { AfterMs = MiddleMs, AfterId = "z" }, ct)));
        yield return new("transcript of an answer", $"{nameof(TranscriptQueries)}.{nameof(TranscriptQueries.FindAsync)}", async (n, ct) => Found(await transcripts.FindAsync($"{Session(n)}/1", ct)));
    }

    private IEnumerable<Query> Reviews()
    {
        var reviews = new PostgresReviewQueue(database);
        const string list = $"{nameof(PostgresReviewQueue)}.{nameof(PostgresReviewQueue.ListAsync)}";
        yield return new("reviews, open", list, async (_, ct) => Some(await reviews.ListAsync("open", Page, ct))) { SessionLookups = Page };
        yield return new("reviews, open, largest page", list, async (_, ct) => Some(await reviews.ListAsync("open", LargestPage, ct))) { SessionLookups = LargestPage };
        yield return new("reviews, decided", list, async (_, ct) => Some(await reviews.ListAsync("decided", Page, ct))) { SessionLookups = Page };
        yield return new("reviews, open, a page in the middle", list, async (_, ct) => Some(await reviews.ListAsync("open", new ListPage(Page) { AfterMs = MiddleMs, AfterId = "z" }, ct))) { SessionLookups = Page };
        yield return new("reviews, decided, a page in the middle", list, async (_, ct) => Some(await reviews.ListAsync("decided", new ListPage(Page) { AfterMs = MiddleMs, AfterId = "z" }, ct))) { SessionLookups = Page };
        yield return new("review of an answer", $"{nameof(PostgresReviewQueue)}.{nameof(PostgresReviewQueue.FindAsync)}", async (n, ct) => Found(await reviews.FindAsync($"{Session(n)}/0", ct))) { SessionLookups = 1 };
    }

    private IEnumerable<Query> Resumes()
    {
        var resumes = new ResumeQueries(database);
        yield return new("task of resumes", $"{nameof(ResumeQueries)}.{nameof(resumes.GetTaskAsync)}", async (n, ct) => Found(await resumes.GetTaskAsync($"task-{n}", ct)));
        yield return new("items of a task", $"{nameof(ResumeQueries)}.{nameof(resumes.GetItemsAsync)}", async (n, ct) => Some(await resumes.GetItemsAsync($"task-{n}", 0, Page, ct)));
        var cache = new PostgresResumeStore(database, TimeProvider.System);
        yield return new("cached resume, unknown", $"{nameof(PostgresResumeStore)}.{nameof(cache.FindAsync)}", async (n, ct) => Nothing(await cache.FindAsync(Key(n), ct)));
        yield return new("cached resume, put", $"{nameof(PostgresResumeStore)}.{nameof(cache.PutAsync)}", async (n, ct) => await cache.PutAsync(Key(n), new ResumeOptimized(), ct));
        var quota = new PostgresResumeQuota(database, TimeProvider.System);
        yield return new("quota of a client", $"{nameof(PostgresResumeQuota)}.{nameof(quota.TakeAsync)}", async (n, ct) => await quota.TakeAsync($"client-{n}", 1, new ResumeLimits(100, 1_000), ct));
    }

    private IEnumerable<Query> Accounts()
    {
        var spending = new PostgresSpendLedger(database);
        SpendLimit Limit(int n) => new($"session/{Session(n)}", 1_000);
        yield return new("spending, take", $"{nameof(PostgresSpendLedger)}.{nameof(spending.TryTakeAsync)}", async (n, ct) => Nothing(await spending.TryTakeAsync([Limit(n)], 0.001m, ct)));
        yield return new("spending, correct", $"{nameof(PostgresSpendLedger)}.{nameof(spending.CorrectAsync)}", async (n, ct) => await spending.CorrectAsync([Limit(n)], -0.001m, ct));
        yield return new("spending, read", $"{nameof(PostgresSpendLedger)}.{nameof(spending.SpentAsync)}", async (n, ct) => await spending.SpentAsync($"session/{Session(n)}", ct));
        var keys = new PostgresApiKeys(database);
        string[] hashes = [.. Enumerable.Range(0, 20).Select(QuerySeed.KeyHash)];
        yield return new("keys in force", $"{nameof(PostgresApiKeys)}.{nameof(keys.SetActiveAsync)}", (n, ct) => keys.SetActiveAsync($"provider-{n % 60}", hashes, ct));
        yield return new("keys used", $"{nameof(PostgresApiKeys)}.{nameof(keys.AddUsesAsync)}", (n, ct) => keys.AddUsesAsync($"provider-{n % 60}", [.. hashes.Select(h => new KeyUses(h, 1, DateTimeOffset.UnixEpoch))], ct));
        yield return new("keys of a provider", $"{nameof(PostgresApiKeys)}.{nameof(keys.ListAsync)}", async (n, ct) => Some(await keys.ListAsync($"provider-{n % 60}", ct)));
    }

    private IEnumerable<Query> Media()
    {
        var media = new PostgresMediaCatalog(database);
        const string of = $"{nameof(PostgresMediaCatalog)}.";
        yield return new("media, added", of + nameof(media.AddAsync), (n, ct) => media.AddAsync(new($"video/new-{n}", "video", "o", "t", "s", "c", "n", "video/mp4", "", 1, "k", MiddleMs, MiddleMs, Missing: false), ct)) { OnlyInserts = true };
        yield return new("media of a key", of + nameof(media.FindAsync), async (n, ct) => Found(await media.FindAsync($"video/{Session(n)}", ct)));
        yield return new("media of a session", of + nameof(media.OfSessionAsync), async (n, ct) => Some(await media.OfSessionAsync(Session(n), ct)));
        yield return new("media of a session, on its way out", of + nameof(media.MarkSessionAsync), (n, ct) => media.MarkSessionAsync($"unknown-{n}", ct));
        yield return new("media that is due", of + nameof(media.TakeDueAsync), (_, ct) => media.TakeDueAsync(MiddleMs, Page, ct));
        yield return new("media, removed", of + nameof(media.RemoveAsync), (n, ct) => media.RemoveAsync($"video/new-{n}", ct));
        yield return new("media, seen", of + nameof(media.SeenAsync), async (n, ct) => Some(await media.SeenAsync([$"video/{Session(n)}", "video/unknown"], MiddleMs, ct)));
        yield return new("media, not seen", of + nameof(media.UnseenAsync), (_, ct) => media.UnseenAsync(MiddleMs, MiddleMs, Page, ct));
        yield return new("media, missing", of + nameof(media.MarkMissingAsync), (n, ct) => media.MarkMissingAsync($"video/unknown-{n}", MiddleMs, ct));
    }

    private IEnumerable<Query> Deliveries()
    {
        var deliveries = new PostgresDeliveries(database);
        const string of = $"{nameof(PostgresDeliveries)}.";
        var now = DateTimeOffset.FromUnixTimeMilliseconds(MiddleMs);
        yield return new("deliveries, added", of + nameof(deliveries.AddAsync), (n, ct) => deliveries.AddAsync([new($"ats/new-{n}", "t", "s", "ats", "{}")], now, ct));
        yield return new("deliveries that are due", of + nameof(deliveries.TakeAsync), async (_, ct) => Some(await deliveries.TakeAsync(10, now, TimeSpan.Zero, ct)));
        yield return new("delivery, done", of + nameof(deliveries.DeliveredAsync), (n, ct) => deliveries.DeliveredAsync($"ats/new-{n}", now, ct));
        yield return new("delivery, failed", of + nameof(deliveries.FailedAsync), (n, ct) => deliveries.FailedAsync($"ats/{n}", "503", now, now.AddMinutes(1), ct));
        yield return new("delivery, given up", of + nameof(deliveries.FailedAsync), (n, ct) => deliveries.FailedAsync($"ats/{n}", "410", now, null, ct));
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
