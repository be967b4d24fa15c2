using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StreamPlatform.Postgres.Migrations;
using StreamPlatform.Postgres.Stores;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Postgres;

/// <summary>Tasks of resumes and the cache of results in a real Database.</summary>
public sealed class PostgresResumesTests(PostgresFixture postgres) : MigratedDatabase(postgres)
{
    private readonly VirtualTime time = new();
    private PostgresResumeStore Store => new(Database, time);

    private static ResumeRequested Request(int index) => new() { TaskId = "t1", Tenant = "t", CandidateId = $"c{index}", JobId = "j", JobVersion = 1, ItemIndex = index, ItemCount = 4, RequestedAtMs = 1_700_000_000_000 + index };

    private static ResumeOptimized Result(int index, string error = "", bool cached = false) => new()
    {
        TaskId = "t1", Tenant = "t", CandidateId = $"c{index}", JobId = "j", JobVersion = 1, ItemIndex = index, ItemCount = 4, Score = 70, Summary = "fits", OptimizedText = "text", Evidence = { "q\"uote" },
        Missing = { "Go" }, Error = error, FromCache = cached, Engine = "e", PromptVersion = "1", NeedsHumanReview = true, ReviewReason = "why", CostUsd = 0.01, FinishedAtMs = 1_700_000_001_000,
    };

    [Fact]
    public async Task A_task_shows_each_item_whatever_arrives_first_and_however_often()
    {
        var reader = new ResumeQueries(Database);
        Assert.Null(await reader.GetTaskAsync("t1", Cancel));
        await Store.WriteResumeResultsAsync([Result(2, "the PDF is damaged")], Cancel);
        Assert.Equal((4, 0, 1), (await reader.GetTaskAsync("t1", Cancel)) is { } early ? (early.Items, early.Done, early.Failed) : default);
        for (var twice = 0; twice < 2; twice++)
        {
            await Store.WriteResumeRequestsAsync([Request(0), Request(1), Request(2)], Cancel);
            await Store.WriteResumeResultsAsync([Result(0), Result(1, cached: true), Result(3, "refused")], Cancel);
        }

        Assert.Equal(new ResumeTaskRow("t1", "t", "j", 1, 4, 2, 2, 1, 1_700_000_000_000), await reader.GetTaskAsync("t1", Cancel));
        var items = await reader.GetItemsAsync("t1", 0, 10, Cancel);
        Assert.Equal([(0, "done", ""), (1, "done", ""), (2, "failed", "the PDF is damaged"), (3, "failed", "refused")], items.Select(i => (i.Index, i.State, i.Error)));
        Assert.Equal(["q\"uote"], items[0].Evidence);
        Assert.Equal((70f, 0.01, 1_700_000_001_000), (items[0].Score, items[0].CostUsd, items[0].FinishedAtMs));
        Assert.Equal([1, 2], (await reader.GetItemsAsync("t1", 1, 2, Cancel)).Select(i => i.Index));
    }

    [Fact]
    public async Task An_item_without_result_is_queued_and_a_result_replaces_an_error_but_not_the_other_way_round()
    {
        var reader = new ResumeQueries(Database);
        await Store.WriteResumeRequestsAsync([Request(0)], Cancel);
        Assert.Equal("queued", Assert.Single(await reader.GetItemsAsync("t1", 0, 10, Cancel)).State);
        await Store.WriteResumeResultsAsync([Result(0, "failed once")], Cancel);
        await Store.WriteResumeResultsAsync([Result(0)], Cancel);
        await Store.WriteResumeResultsAsync([Result(0, "late")], Cancel);
        Assert.Equal(("done", ""), Assert.Single(await reader.GetItemsAsync("t1", 0, 10, Cancel)) is var item ? (item.State, item.Error) : default);
    }

    [Fact]
    public async Task The_cache_answers_for_seven_days_and_only_the_same_question()
    {
        var key = new ResumeKey("t", "c0", "j", 1, "hash");
        await Store.PutAsync(key, Result(0), Cancel);
        Assert.Equal(Result(0), await Store.FindAsync(key, Cancel));
        foreach (var other in new[] { key with { Tenant = "u" }, key with { CandidateId = "c1" }, key with { JobId = "k" }, key with { JobVersion = 2 }, key with { ContentHash = "other" } })
        {
            Assert.Null(await Store.FindAsync(other, Cancel));
        }

        time.Advance(TimeSpan.FromDays(7) - TimeSpan.FromSeconds(1));
        Assert.NotNull(await Store.FindAsync(key, Cancel));
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Null(await Store.FindAsync(key, Cancel));
    }

    [Fact]
    public async Task A_new_version_of_the_job_removes_what_older_ones_left_and_expired_rows_go_by_and_by()
    {
        for (var i = 0; i < 20; i++)
        {
            await Store.PutAsync(new("t", $"c{i}", "j", 1, "hash"), Result(i), Cancel);
        }

        await Store.PutAsync(new("t", "c3", "j", 2, "hash"), Result(3), Cancel);
        Assert.Equal(1L, await CountAsync());
        await Store.PutAsync(new("t", "c3", "j", 1, "hash"), Result(3), Cancel); // late: the newer stays
        Assert.NotNull(await Store.FindAsync(new("t", "c3", "j", 2, "hash"), Cancel));
        time.Advance(TimeSpan.FromDays(8));
        await Store.PutAsync(new("t", "c9", "other", 1, "hash"), Result(9), Cancel);
        Assert.Equal(1L, await CountAsync());
    }

    [Fact]
    public async Task Many_writers_at_once_get_through()
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, 100), Cancel, async (i, _) => await Store.PutAsync(new("t", $"c{i % 20}", "j", 1 + (i / 50), $"h{i}"), Result(i), Cancel));
        Assert.InRange(await CountAsync(), 1, 20);
    }

    private async Task<long> CountAsync()
    {
        await using var command = Database.CreateCommand("SELECT count(*) FROM resume_cache");
        return (long)(await command.ExecuteScalarAsync(Cancel))!;
    }
}
