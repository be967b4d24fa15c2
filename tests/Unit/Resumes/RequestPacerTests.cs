using StreamPlatform.LanguageModels.Resumes;
using StreamPlatform.Streams;
using StreamPlatform.Tests.Unit.Gateway;

namespace StreamPlatform.Tests.Unit.Resumes;

/// <summary>Never more calls within a second than allowed, whoever asks when.</summary>
public sealed class RequestPacerTests
{
    private readonly VirtualTime time = new();

    [Theory]
    [InlineData(30, 50)]
    [InlineData(30, 0)]
    [InlineData(1, 0)]
    [InlineData(7, 20)]
    public async Task No_second_holds_more_than_its_number_of_calls_and_few_hold_less(int perSecond, int marginMs)
    {
        using var pacer = new RequestPacer(perSecond, TimeSpan.FromMilliseconds(marginMs), time);
        List<TimeSpan> starts = [];
        var started = time.GetTimestamp();
        var waits = Enumerable.Range(0, perSecond * 10).Select(_ => pacer.WaitAsync(false, CancellationToken.None)).ToList();
        for (var ms = 0; ms < 12_000; ms++)
        {
            starts.AddRange(Enumerable.Repeat(time.GetElapsedTime(started), (int)pacer.Granted - starts.Count));
            time.Advance(TimeSpan.FromMilliseconds(1));
        }

        await Task.WhenAll(waits);
        Assert.Equal(perSecond * 10, starts.Count);
        for (var i = perSecond; i < starts.Count; i++)
        {
            Assert.True(starts[i] - starts[i - perSecond] >= TimeSpan.FromSeconds(1), $"calls {i - perSecond} and {i} lie {starts[i] - starts[i - perSecond]} apart");
        }

        Assert.InRange(starts[^1], TimeSpan.Zero, TimeSpan.FromSeconds(10.9));
    }

    [Fact]
    public async Task After_a_pause_nothing_is_saved_up()
    {
        using var pacer = new RequestPacer(30, TimeSpan.Zero, time);
        await pacer.WaitAsync(false, CancellationToken.None);
        time.Advance(TimeSpan.FromMinutes(1));
        var burst = Enumerable.Range(0, 100).Select(_ => pacer.WaitAsync(false, CancellationToken.None)).ToList();
        time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.InRange(pacer.Granted, 25, 31);
        time.Advance(TimeSpan.FromSeconds(10));
        await Task.WhenAll(burst);
    }

    [Fact]
    public async Task Urgent_calls_go_first_and_the_others_are_not_starved()
    {
        using var pacer = new RequestPacer(30, TimeSpan.Zero, time);
        var low = Enumerable.Range(0, 200).Select(_ => pacer.WaitAsync(false, CancellationToken.None)).ToList();
        var high = Enumerable.Range(0, 60).Select(_ => pacer.WaitAsync(true, CancellationToken.None)).ToList();
        time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.TrueAsync(() => high.Count(t => t.IsCompleted) >= 24, "most urgent calls went first");
        Assert.InRange(low.Count(t => t.IsCompleted), 1, 6);
        time.Advance(TimeSpan.FromSeconds(10));
        await Task.WhenAll([.. low, .. high]);
    }

    [Fact]
    public async Task Who_gives_up_takes_nobodys_turn()
    {
        using var pacer = new RequestPacer(1, TimeSpan.Zero, time);
        await pacer.WaitAsync(false, CancellationToken.None);
        using var cancel = new CancellationTokenSource();
        var gone = pacer.WaitAsync(false, cancel.Token);
        var next = pacer.WaitAsync(false, CancellationToken.None);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        time.Advance(TimeSpan.FromSeconds(1));
        await next;
        Assert.Equal(0, pacer.Waiting);
    }
}
