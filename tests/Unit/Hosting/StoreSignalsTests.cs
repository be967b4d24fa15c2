using StreamPlatform.Hosting;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Streams;
using StreamPlatform.Topology.Ladder;

namespace StreamPlatform.Tests.Unit.Hosting;

/// <summary>What the sinks' writes say of the store.</summary>
public sealed class StoreSignalsTests
{
    private readonly SignalBoard board = new(new LadderOptions(), new VirtualTime());
    private readonly FakeSeries series = new();

    [Fact]
    public async Task A_store_that_does_not_answer_twice_is_down_until_it_takes_a_batch()
    {
        var watched = new ToldSeriesStore(series, StoreSignals.To(board));
        series.Fail = new TransientException("connection refused");
        await Assert.ThrowsAsync<TransientException>(async () => await watched.WriteEmotionsAsync([], CancellationToken.None));
        Assert.False(board.Read().StorageDown);
        await Assert.ThrowsAsync<TransientException>(async () => await watched.WriteWindowsAsync([], CancellationToken.None));
        Assert.True(board.Read().StorageDown);
        series.Fail = null;
        await watched.WriteEmotionsAsync([], CancellationToken.None);
        Assert.False(board.Read().StorageDown);
        Assert.Equal("fake", watched.Name);
    }

    [Fact]
    public async Task A_batch_that_no_store_could_take_says_nothing_of_it()
    {
        var watched = new ToldSeriesStore(series, StoreSignals.To(board));
        series.Fail = new PoisonException("a value out of range");
        for (var i = 0; i < 3; i++)
        {
            await Assert.ThrowsAsync<PoisonException>(async () => await watched.WriteEmotionsAsync([], CancellationToken.None));
        }

        Assert.False(board.Read().StorageDown);
    }

    private sealed class FakeSeries : IEmotionSeriesStore
    {
        public Exception? Fail { get; set; }

        public string Name => "fake";

        public ValueTask WriteEmotionsAsync(IReadOnlyList<EmotionObserved> batch, CancellationToken cancellationToken) => Write();

        public ValueTask WriteWindowsAsync(IReadOnlyList<EmotionWindow> batch, CancellationToken cancellationToken) => Write();

        public Task DeleteSessionAsync(string sessionId, CancellationToken cancellationToken) => Task.CompletedTask;

        private ValueTask Write() => Fail is null ? ValueTask.CompletedTask : ValueTask.FromException(Fail);
    }
}
