using StreamPlatform.Broker.Storage;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Tests.Unit.Broker;

public sealed class LogRecoveryTests
{
    private const int TailCutEvent = 3;

    [Fact]
    public async Task A_restart_keeps_records_offsets_producers_and_the_cluster_id()
    {
        await using var fixture = new LogFixture();
        await fixture.AppendAsync(3);
        await fixture.AppendAsync(2, producerId: 7, epoch: 1, sequence: 0);
        var cluster = fixture.Logs.ClusterId;
        await fixture.RestartAsync();
        Assert.Equal([0, 1, 2, 3, 4], fixture.Offsets());
        Assert.Equal(5, fixture.Log.HighWatermark);
        Assert.Equal(1, fixture.Log.FindProducer(7)!.Value.LastSequence);
        Assert.Equal(cluster, fixture.Logs.ClusterId);
        Assert.Equal(5, (await fixture.AppendAsync()).BaseOffset);
    }

    [Fact]
    public async Task After_kill_everything_acknowledged_is_there()
    {
        await using var fixture = new LogFixture();
        for (var i = 0; i < 20; i++)
        {
            await fixture.AppendAsync(2, producerId: 7, epoch: 0, sequence: i * 2);
        }
        await fixture.KillAsync();
        Assert.Equal(Enumerable.Range(0, 40).Select(i => (long)i), fixture.Offsets());
        Assert.Equal(39, fixture.Log.FindProducer(7)!.Value.LastSequence);
        Assert.DoesNotContain(fixture.Logger.Entries, entry => entry.Id == TailCutEvent);
    }

    [Fact]
    public async Task A_tail_torn_at_any_byte_is_cut_at_the_last_valid_batch_and_said_once()
    {
        var batchBytes = new RecordBatchBuilder(0).Add(new byte[] { 1, 0 }, new byte[20]).Build().Length;
        for (var left = 1; left < batchBytes; left += 7)
        {
            await using var fixture = new LogFixture();
            await fixture.AppendAsync();
            await fixture.AppendAsync();
            var keep = batchBytes + left;
            await fixture.KillAsync(() => Truncate(fixture.LastSegment, keep));
            Assert.Equal([0], fixture.Offsets());
            Assert.Equal(batchBytes, new FileInfo(fixture.LastSegment).Length);
            Assert.Single(fixture.Logger.Entries, entry => entry.Id == TailCutEvent);
            Assert.Equal(1, (await fixture.AppendAsync()).BaseOffset);
        }
    }

    [Theory]
    [InlineData(0)] // base offset
    [InlineData(8)] // length
    [InlineData(11)]
    [InlineData(12)] // leader epoch
    [InlineData(16)] // magic
    [InlineData(17)] // crc
    [InlineData(22)] // attributes
    [InlineData(26)] // last offset delta
    [InlineData(45)] // producer id
    [InlineData(62)] // first record
    [InlineData(80)]
    public async Task A_flipped_bit_in_the_last_batch_cuts_it(int position)
    {
        await using var fixture = new LogFixture();
        await fixture.AppendAsync();
        var start = (int)new FileInfo(fixture.LastSegment).Length;
        await fixture.AppendAsync();
        await fixture.KillAsync(() => Flip(fixture.LastSegment, start + position));
        Assert.Equal([0], fixture.Offsets());
        Assert.Single(fixture.Logger.Entries, entry => entry.Id == TailCutEvent);
        Assert.Equal(1, (await fixture.AppendAsync()).BaseOffset);
        Assert.Equal([0, 1], fixture.Offsets());
    }

    [Fact]
    public async Task Garbage_and_zeroes_after_the_log_are_cut()
    {
        foreach (var tail in new[] { new byte[500], [.. Enumerable.Repeat((byte)0xA5, 500)] })
        {
            await using var fixture = new LogFixture();
            await fixture.AppendAsync(5);
            await fixture.KillAsync(() => Append(fixture.LastSegment, tail));
            Assert.Equal(5, fixture.Log.HighWatermark);
            Assert.Equal(5, fixture.Offsets().Count);
        }
    }

    [Fact]
    public async Task A_producer_snapshot_of_a_cut_tail_is_not_believed()
    {
        await using var fixture = new LogFixture();
        await fixture.AppendAsync(producerId: 7, epoch: 0, sequence: 0);
        var keep = new FileInfo(fixture.LastSegment).Length;
        await fixture.AppendAsync(producerId: 7, epoch: 0, sequence: 1);
        await fixture.RestartAsync();
        await fixture.KillAsync(() => Truncate(fixture.LastSegment, keep));
        Assert.Equal(0, fixture.Log.FindProducer(7)!.Value.LastSequence);
        Assert.Equal(new AppendResult(ErrorCode.None, 1, 1, -1, 0), await fixture.AppendAsync(producerId: 7, epoch: 0, sequence: 1));
    }

    [Fact]
    public async Task Many_segments_survive_a_kill_and_only_the_last_is_scanned()
    {
        await using var fixture = new LogFixture();
        fixture.Configs[TopicConfig.SegmentBytes] = "1000";
        for (var i = 0; i < 50; i++)
        {
            await fixture.AppendAsync(producerId: 7, epoch: 0, sequence: i, valueBytes: 100);
        }
        Assert.True(Directory.GetFiles(fixture.PartitionDirectory, "*.log").Length > 5);
        await fixture.KillAsync();
        Assert.Equal(Enumerable.Range(0, 50).Select(i => (long)i), fixture.Offsets());
        Assert.Equal(49, fixture.Log.FindProducer(7)!.Value.LastSequence);
        var scanned = fixture.Logger.Entries.Last(entry => entry.Id == 2).Text;
        Assert.DoesNotContain("scanned 0 bytes", scanned, StringComparison.Ordinal);
        Assert.True(new FileInfo(fixture.LastSegment).Length <= 1000);
        for (var offset = 0; offset < 50; offset++)
        {
            Assert.Equal(offset, BatchHeader.Parse(fixture.Log.Read(offset, 1).Span).BaseOffset);
        }
    }

    [Fact]
    public async Task Damaged_indexes_are_rebuilt_from_the_log()
    {
        await using var fixture = new LogFixture();
        fixture.Configs[TopicConfig.SegmentBytes] = "1000";
        for (var i = 0; i < 20; i++)
        {
            await fixture.AppendAsync(valueBytes: 100);
        }
        await fixture.KillAsync(() => Directory.GetFiles(fixture.PartitionDirectory, "*.index").ToList().ForEach(index => Flip(index, 9)));
        Assert.Equal(20, fixture.Offsets().Count);
    }

    [Fact]
    public async Task A_deleted_topic_is_gone_and_its_successor_starts_empty_with_another_id()
    {
        await using var fixture = new LogFixture();
        await fixture.AppendAsync();
        var first = fixture.Logs.Find(LogFixture.Name)!.Id;
        fixture.Logs.Delete(LogFixture.Name);
        Assert.Null(fixture.Logs.Find(LogFixture.Name));
        Assert.Equal(0, (await fixture.AppendAsync()).BaseOffset);
        await fixture.RestartAsync();
        Assert.Equal([0], fixture.Offsets());
        Assert.NotEqual(first, fixture.Logs.Find(LogFixture.Name)!.Id);
    }

    private static void Truncate(string path, long length)
    {
        using var file = File.OpenWrite(path);
        file.SetLength(length);
    }

    private static void Flip(string path, int position)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[position] ^= 0x10;
        File.WriteAllBytes(path, bytes);
    }

    private static void Append(string path, byte[] tail)
    {
        using var file = new FileStream(path, FileMode.Append);
        file.Write(tail);
    }
}
