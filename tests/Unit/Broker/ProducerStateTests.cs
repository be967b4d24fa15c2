using StreamPlatform.Broker.Storage;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Tests.Unit.Broker;

public sealed class ProducerStateTests
{
    [Fact]
    public async Task A_repeated_batch_is_answered_with_its_first_offset_and_not_written_again()
    {
        await using var fixture = new LogFixture();
        for (var i = 0; i < 5; i++)
        {
            await fixture.AppendAsync(2, producerId: 7, epoch: 0, sequence: i * 2);
        }
        for (var i = 0; i < 5; i++)
        {
            var again = await fixture.AppendAsync(2, producerId: 7, epoch: 0, sequence: i * 2);
            Assert.Equal((ErrorCode.None, i * 2L), (again.Error, again.BaseOffset));
        }
        Assert.Equal(10, fixture.Log.HighWatermark);
        await fixture.KillAsync();
        Assert.Equal(0, (await fixture.AppendAsync(2, producerId: 7, epoch: 0, sequence: 0)).BaseOffset);
        Assert.Equal(10, fixture.Log.HighWatermark);
    }

    [Fact]
    public async Task Only_the_last_five_batches_are_remembered()
    {
        await using var fixture = new LogFixture();
        for (var i = 0; i < 6; i++)
        {
            await fixture.AppendAsync(producerId: 7, epoch: 0, sequence: i);
        }
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, (await fixture.AppendAsync(producerId: 7, epoch: 0, sequence: 0)).Error);
        Assert.Equal(1, (await fixture.AppendAsync(producerId: 7, epoch: 0, sequence: 1)).BaseOffset);
    }

    [Fact]
    public async Task A_gap_in_the_sequence_is_refused_and_the_next_in_line_is_taken()
    {
        await using var fixture = new LogFixture();
        await fixture.AppendAsync(producerId: 7, epoch: 0, sequence: 0);
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, (await fixture.AppendAsync(producerId: 7, epoch: 0, sequence: 2)).Error);
        Assert.Equal(1, (await fixture.AppendAsync(producerId: 7, epoch: 0, sequence: 1)).BaseOffset);
    }

    [Fact]
    public async Task An_older_epoch_is_fenced_and_a_newer_one_starts_at_zero()
    {
        await using var fixture = new LogFixture();
        await fixture.AppendAsync(producerId: 7, epoch: 3, sequence: 0);
        Assert.Equal(ErrorCode.InvalidProducerEpoch, (await fixture.AppendAsync(producerId: 7, epoch: 2, sequence: 1)).Error);
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, (await fixture.AppendAsync(producerId: 7, epoch: 4, sequence: 1)).Error);
        Assert.Equal(1, (await fixture.AppendAsync(producerId: 7, epoch: 4, sequence: 0)).BaseOffset);
    }

    [Fact]
    public async Task Sequences_wrap_after_the_largest_integer()
    {
        await using var fixture = new LogFixture();
        await fixture.AppendAsync(2, producerId: 7, epoch: 0, sequence: int.MaxValue - 1);
        Assert.Equal(ErrorCode.None, (await fixture.AppendAsync(producerId: 7, epoch: 0, sequence: 0)).Error);
    }

    [Fact]
    public async Task Silent_producers_are_forgotten_but_not_those_with_an_open_transaction()
    {
        await using var fixture = new LogFixture(options => options.ProducerExpiryMs = 60_000);
        await fixture.AppendAsync(producerId: 7, epoch: 0, sequence: 0);
        await fixture.AppendAsync(producerId: 8, epoch: 0, sequence: 0, transactional: true);
        fixture.Time.Advance(TimeSpan.FromMilliseconds(60_001));
        fixture.Logs.ApplyRetention();
        Assert.Null(fixture.Log.FindProducer(7));
        Assert.NotNull(fixture.Log.FindProducer(8));
    }

    [Fact]
    public async Task The_last_stable_offset_stays_before_the_oldest_open_transaction()
    {
        await using var fixture = new LogFixture();
        await fixture.AppendAsync(2);
        await fixture.AppendAsync(3, producerId: 7, epoch: 0, sequence: 0, transactional: true);
        await fixture.AppendAsync(1, producerId: 8, epoch: 0, sequence: 0, transactional: true);
        Assert.Equal((2, 6), (fixture.Log.LastStableOffset, fixture.Log.HighWatermark));
        await fixture.Log.AppendMarkerAsync(8, 0, 0, commit: true);
        Assert.Equal(2, fixture.Log.LastStableOffset);
        await fixture.KillAsync();
        Assert.Equal((2, 7), (fixture.Log.LastStableOffset, fixture.Log.HighWatermark));
        await fixture.Log.AppendMarkerAsync(7, 0, 0, commit: false);
        Assert.Equal((8, 8), (fixture.Log.LastStableOffset, fixture.Log.HighWatermark));
    }

    [Fact]
    public async Task A_committed_read_ends_at_the_stable_offset_and_lists_aborted_transactions_by_first_offset()
    {
        await using var fixture = new LogFixture();
        await fixture.AppendAsync(producerId: 7, epoch: 0, sequence: 0, transactional: true);
        await fixture.AppendAsync(producerId: 8, epoch: 0, sequence: 0, transactional: true);
        await fixture.Log.AppendMarkerAsync(8, 0, 0, commit: false);
        await fixture.Log.AppendMarkerAsync(7, 0, 0, commit: false);
        await fixture.AppendAsync(producerId: 9, epoch: 0, sequence: 0, transactional: true);
        for (var restart = 0; restart < 3; restart++)
        {
            using (var plan = fixture.Log.PlanRead(0, 1 << 20, IsolationLevel.ReadCommitted, true))
            {
                Assert.Equal(4, plan.LastStableOffset);
                Assert.Equal([new(7, 0, 3), new(8, 1, 2)], plan.Aborted!);
            }
            using (var later = fixture.Log.PlanRead(3, 1 << 20, IsolationLevel.ReadCommitted, true))
            {
                Assert.Equal([new(7, 0, 3)], later.Aborted!);
            }
            using (var all = fixture.Log.PlanRead(0, 1 << 20, IsolationLevel.ReadUncommitted, true))
            {
                Assert.Null(all.Aborted);
            }
            Assert.Equal(4, RecordBatchReader.Batches(fixture.Log.Read(0, 1 << 20, IsolationLevel.ReadCommitted)).Count());
            Assert.Equal(5, RecordBatchReader.Batches(fixture.Log.Read(0, 1 << 20)).Count());
            await (restart == 0 ? fixture.RestartAsync() : fixture.KillAsync());
        }
    }

    [Fact]
    public async Task Markers_of_older_epochs_are_fenced()
    {
        await using var fixture = new LogFixture();
        await fixture.AppendAsync(producerId: 7, epoch: 2, sequence: 0, transactional: true);
        Assert.Equal(ErrorCode.InvalidProducerEpoch, (await fixture.Log.AppendMarkerAsync(7, 1, 0, true)).Error);
        Assert.Equal(ErrorCode.None, (await fixture.Log.AppendMarkerAsync(7, 2, 5, true)).Error);
        Assert.Equal(ErrorCode.TransactionCoordinatorFenced, (await fixture.Log.AppendMarkerAsync(7, 2, 4, true)).Error);
    }

    [Fact]
    public async Task A_marker_with_a_bumped_epoch_ends_the_transaction_and_fences_the_old_epoch()
    {
        await using var fixture = new LogFixture();
        await fixture.AppendAsync(producerId: 7, epoch: 0, sequence: 0, transactional: true);
        await fixture.Log.AppendMarkerAsync(7, 1, 0, commit: false);
        Assert.Equal(2, fixture.Log.LastStableOffset);
        Assert.Equal(ErrorCode.InvalidProducerEpoch, (await fixture.AppendAsync(producerId: 7, epoch: 0, sequence: 1, transactional: true)).Error);
        Assert.Equal(ErrorCode.None, (await fixture.AppendAsync(producerId: 7, epoch: 1, sequence: 0, transactional: true)).Error);
    }
}
