using StreamPlatform.Streams;
using StreamPlatform.Topology.Caching;

namespace StreamPlatform.Tests.Unit.Topology;

public sealed class SharedCacheTests
{
    private readonly VirtualTime time = new();

    [Fact]
    public async Task What_was_unused_longest_goes_when_there_are_too_many_or_they_weigh_too_much()
    {
        using var cache = new SharedCache<string>(new(3, 100, 10), time);
        foreach (var key in new[] { "a", "b", "c" })
        {
            await PutAsync(cache, key, 10);
        }

        Assert.Equal(CacheUse.Kept, await PutAsync(cache, "a", 10));
        await PutAsync(cache, "d", 10);
        Assert.Equal((3, 30), (cache.Count, cache.Weight));
        Assert.Equal(CacheUse.Made, await PutAsync(cache, "b", 10));
        await PutAsync(cache, "heavy", 95);
        Assert.Equal((1, 95), (cache.Count, cache.Weight));
        await PutAsync(cache, "too heavy", 101);
        Assert.Equal((0, 0), (cache.Count, cache.Weight));
    }

    [Fact]
    public async Task A_value_is_made_again_after_its_lifetime_and_one_without_a_lifetime_at_once()
    {
        using var cache = new SharedCache<string>(new(3, 100, 10), time);
        await PutAsync(cache, "a", 1, seconds: 60);
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(CacheUse.Kept, await PutAsync(cache, "a", 1));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(CacheUse.Made, await PutAsync(cache, "a", 1, seconds: 0));
        Assert.Equal(CacheUse.Made, await PutAsync(cache, "a", 1));
    }

    [Fact]
    public async Task A_failure_reaches_all_who_wait_and_the_next_request_tries_again()
    {
        using var cache = new SharedCache<string>(new(3, 100, 10), time);
        var release = new TaskCompletionSource<CacheFill<string>>();
        var first = cache.GetAsync("a", _ => release.Task, CancellationToken.None);
        var second = cache.GetAsync("a", _ => throw new InvalidOperationException("not called"), CancellationToken.None);
        release.SetException(new IOException("broken"));
        await Assert.ThrowsAsync<IOException>(() => first);
        await Assert.ThrowsAsync<IOException>(() => second);
        Assert.Equal(CacheUse.Made, await PutAsync(cache, "a", 1));
    }

    [Fact]
    public async Task The_number_being_made_is_bounded_and_ends_with_the_cache()
    {
        var cache = new SharedCache<string>(new(3, 100, 1), time);
        var making = cache.GetAsync("a", async stop =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, time, stop);
            return new("never", TimeSpan.Zero);
        }, CancellationToken.None);
        Assert.Equal((null, CacheUse.Refused), await cache.GetAsync("b", _ => throw new InvalidOperationException("not called"), CancellationToken.None));
        cache.Dispose();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => making);
    }

    [Fact]
    public async Task Under_many_threads_each_key_is_made_once_and_the_bounds_hold()
    {
        using var cache = new SharedCache<string>(new(1_000, 1_000, 1_000), time);
        var made = new int[50];
        await Parallel.ForEachAsync(Enumerable.Range(0, 20_000), async (i, _) =>
        {
            var key = i % made.Length;
            var (value, _) = await cache.GetAsync($"{key}", async _ =>
            {
                Interlocked.Increment(ref made[key]);
                await Task.Yield();
                return new($"value {key}", TimeSpan.FromHours(1));
            }, CancellationToken.None);
            Assert.Equal($"value {key}", value);
        });
        Assert.All(made, times => Assert.Equal(1, times));
    }

    private static async Task<CacheUse> PutAsync(SharedCache<string> cache, string key, long weight, int seconds = 3_600) =>
        (await cache.GetAsync(key, _ => Task.FromResult(new CacheFill<string>(key, TimeSpan.FromSeconds(seconds), weight)), CancellationToken.None)).Use;
}
