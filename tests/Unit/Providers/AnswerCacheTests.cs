using StreamPlatform.Providers;
using StreamPlatform.Tests.Unit.Gateway;
using StreamPlatform.TestProvider;

namespace StreamPlatform.Tests.Unit.Providers;

public sealed class AnswerCacheTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private readonly ManualTime time = new();

    [Fact]
    public async Task Equal_requests_at_once_and_later_make_one_call()
    {
        await using var bench = await ProviderBench.StartAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => bench.AskAsync(cacheKey: "k")));
        var later = await bench.AskAsync(cacheKey: "k");
        Assert.Single(bench.Server.Requests);
        Assert.Single(answers, a => !a.Cost.FromCache);
        Assert.Equal((0m, true, answers[0].Text), (later.Cost.CostUsd, later.Cost.FromCache, later.Text));
        Assert.Equal(21, bench.Calls.Count);
    }

    [Fact]
    public async Task Another_text_key_or_no_key_at_all_is_another_call()
    {
        await using var bench = await ProviderBench.StartAsync();
        await bench.AskAsync(cacheKey: "k");
        await bench.AskAsync(cacheKey: "other");
        await bench.AskAsync(cacheKey: "k", user: "Transcript: other words were said here.");
        await bench.AskAsync();
        await bench.AskAsync();
        Assert.Equal(5, bench.Server.Requests.Count);
    }

    [Fact]
    public async Task Failures_are_not_kept()
    {
        await using var bench = await ProviderBench.StartAsync();
        bench.Server.Faults.Set(new Fault { Kind = FaultKind.BadRequest, Count = 1 });
        await Assert.ThrowsAsync<ProviderException>(() => bench.AskAsync(cacheKey: "k"));
        Assert.False((await bench.AskAsync(cacheKey: "k")).Cost.FromCache);
    }

    [Fact]
    public async Task Answers_end_with_their_lifetime_and_the_longest_unused_gives_way()
    {
        var cache = new AnswerCache(new AnswerCacheOptions { MaxEntries = 2, Lifetime = TimeSpan.FromHours(1) }, time);
        await AskAsync(cache, "a");
        await AskAsync(cache, "b");
        Assert.True(await AskAsync(cache, "a"));
        await AskAsync(cache, "c");
        Assert.True(await AskAsync(cache, "a"));
        Assert.False(await AskAsync(cache, "b"));
        time.Advance(TimeSpan.FromHours(1));
        Assert.False(await AskAsync(cache, "a"));
        Assert.InRange(cache.Count, 1, 2);
    }

    [Fact]
    public async Task No_more_characters_are_kept_than_allowed()
    {
        var cache = new AnswerCache(new AnswerCacheOptions { MaxCharacters = 25 }, time);
        foreach (var key in new[] { "a", "b", "c", "d" })
        {
            await AskAsync(cache, key, new string('x', 10));
        }

        Assert.Equal(2, cache.Count);
        Assert.False(await AskAsync(cache, "long", new string('x', 26)));
        Assert.Equal(2, cache.Count);
    }

    [Fact]
    public async Task The_call_goes_on_for_those_who_still_wait_and_ends_with_the_last()
    {
        var cache = new AnswerCache(new AnswerCacheOptions(), time);
        var answer = new TaskCompletionSource<ChatAnswer>();
        var asked = CancellationToken.None;
        Task<ChatAnswer> Ask(CancellationToken ct)
        {
            asked = ct;
            return answer.Task.WaitAsync(ct);
        }

        using var first = new CancellationTokenSource();
        using var second = new CancellationTokenSource();
        var one = cache.GetAsync("k", Ask, first.Token);
        var two = cache.GetAsync("k", Ask, second.Token);
        await first.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);
        Assert.False(asked.IsCancellationRequested);
        await second.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => two);
        Assert.True(asked.IsCancellationRequested);
        Assert.False(await AskAsync(cache, "k"));
    }

    private static async Task<bool> AskAsync(AnswerCache cache, string key, string text = "answer") =>
        (await cache.GetAsync(key, _ => Task.FromResult(new ChatAnswer(text, new CallCost("m", 1, 1, 1, false))), Ct)).Shared;
}
