using System.Buffers.Binary;
using StreamPlatform.Broker.Storage;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Tests.Unit.Broker;

public sealed class LogTests
{
    [Theory]
    [InlineData(11, ErrorCode.CorruptMessage)] // length
    [InlineData(16, ErrorCode.UnsupportedForMessageFormat)] // magic
    [InlineData(18, ErrorCode.CorruptMessage)] // crc
    [InlineData(70, ErrorCode.CorruptMessage)] // record
    public async Task A_damaged_batch_is_refused_before_it_is_written(int position, ErrorCode expected)
    {
        await using var fixture = new LogFixture();
        var batch = fixture.Batch();
        batch[position] ^= 0x08;
        Assert.Equal(expected, (await fixture.Log.AppendAsync(batch)).Error);
        Assert.Equal(0, fixture.Log.HighWatermark);
    }

    [Fact]
    public async Task A_batch_whose_count_and_offsets_disagree_is_refused()
    {
        await using var fixture = new LogFixture();
        var batch = fixture.Batch(2);
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(57), 3);
        BinaryPrimitives.WriteUInt32BigEndian(batch.AsSpan(BatchHeader.CrcAt), Crc32C.Compute(batch.AsSpan(BatchHeader.AttributesAt)));
        Assert.Equal(ErrorCode.InvalidRecord, (await fixture.Log.AppendAsync(batch)).Error);
    }

    [Fact]
    public async Task Reads_return_whole_batches_within_the_limit_but_at_least_one()
    {
        await using var fixture = new LogFixture();
        for (var i = 0; i < 10; i++)
        {
            await fixture.AppendAsync(3);
        }
        var size = fixture.Batch(3).Length;
        Assert.Equal(size, fixture.Log.Read(0, 1).Length);
        Assert.Equal(size, fixture.Log.Read(1, (2 * size) - 1).Length);
        Assert.Equal(2 * size, fixture.Log.Read(2, 2 * size).Length);
        Assert.Equal(10 * size, fixture.Log.Read(0, int.MaxValue).Length);
        Assert.Equal(3, BatchHeader.Parse(fixture.Log.Read(5, 1).Span).BaseOffset);
        Assert.True(fixture.Log.Read(30, 1).IsEmpty);
        using var plan = fixture.Log.PlanRead(0, 1, IsolationLevel.ReadUncommitted, atLeastOneBatch: false);
        Assert.Equal(0, plan.Length);
        using var beyond = fixture.Log.PlanRead(31, 1, IsolationLevel.ReadUncommitted, true);
        Assert.Equal(ErrorCode.OffsetOutOfRange, beyond.Error);
    }

    [Fact]
    public async Task Every_offset_of_a_long_log_is_found_through_the_sparse_index()
    {
        await using var fixture = new LogFixture(options => options.Durability = StreamPlatform.Broker.Durability.Os);
        for (var i = 0; i < 2000; i++)
        {
            await fixture.AppendAsync(2, valueBytes: 200);
        }
        for (var offset = 0; offset < 4000; offset += 13)
        {
            var header = BatchHeader.Parse(fixture.Log.Read(offset, 1).Span);
            Assert.InRange(offset, header.BaseOffset, header.LastOffset);
        }
        var read = fixture.Log.Read(1001, 100_000);
        Assert.InRange(read.Length, 99_000, 100_000);
    }

    [Fact]
    public async Task Log_append_time_replaces_the_clients_timestamps()
    {
        await using var fixture = new LogFixture();
        fixture.Configs[TopicConfig.TimestampType] = "LogAppendTime";
        var result = await fixture.AppendAsync(timestampMs: 5);
        Assert.Equal(fixture.NowMs, result.LogAppendTimeMs);
        var (header, batch) = RecordBatchReader.Batches(fixture.Log.Read(0, 1)).Single();
        Assert.True(header.IsLogAppendTime && header.CrcMatches(batch.Span));
        Assert.Equal(fixture.NowMs, RecordBatchReader.Records(header, batch)[0].TimestampMs);
    }

    [Fact]
    public async Task Offsets_are_found_by_time()
    {
        await using var fixture = new LogFixture();
        fixture.Configs[TopicConfig.SegmentBytes] = "400";
        for (var i = 0; i < 20; i++)
        {
            var batch = new RecordBatchBuilder(i * 100).Add(null, new byte[10], i * 100).Add(null, new byte[10], (i * 100) + 50).Build();
            await fixture.Log.AppendAsync(batch);
        }
        Assert.Equal((0, 0), fixture.Log.FindByTime(0, IsolationLevel.ReadUncommitted));
        Assert.Equal((21, 1050), fixture.Log.FindByTime(1001, IsolationLevel.ReadUncommitted));
        Assert.Equal((39, 1950), fixture.Log.FindByTime(1950, IsolationLevel.ReadUncommitted));
        Assert.Equal((-1, -1), fixture.Log.FindByTime(1951, IsolationLevel.ReadUncommitted));
        Assert.Equal((39, 1950), fixture.Log.FindMaxTimestamp());
    }

    [Fact]
    public async Task Retention_by_time_removes_old_segments_and_keeps_the_end_offset()
    {
        await using var fixture = new LogFixture();
        fixture.Configs[TopicConfig.RetentionMs] = "60000";
        fixture.Configs[TopicConfig.SegmentBytes] = "400";
        for (var i = 0; i < 10; i++)
        {
            await fixture.AppendAsync(valueBytes: 100);
        }
        fixture.Time.Advance(TimeSpan.FromSeconds(61));
        await fixture.AppendAsync(valueBytes: 100);
        fixture.Logs.ApplyRetention();
        Assert.InRange(fixture.Log.LogStartOffset, 8, 10);
        Assert.Contains(10, fixture.Offsets());
        fixture.Time.Advance(TimeSpan.FromSeconds(61));
        fixture.Logs.ApplyRetention();
        Assert.Equal((11, 11), (fixture.Log.LogStartOffset, fixture.Log.HighWatermark));
        await fixture.KillAsync();
        Assert.Equal((11, 11), (fixture.Log.LogStartOffset, fixture.Log.HighWatermark));
        Assert.Equal(11, (await fixture.AppendAsync()).BaseOffset);
    }

    [Fact]
    public async Task Retention_by_size_keeps_at_least_the_configured_bytes()
    {
        await using var fixture = new LogFixture();
        fixture.Configs[TopicConfig.RetentionBytes] = "1000";
        fixture.Configs[TopicConfig.SegmentBytes] = "400";
        for (var i = 0; i < 30; i++)
        {
            await fixture.AppendAsync(valueBytes: 100);
        }
        fixture.Logs.ApplyRetention();
        Assert.InRange(fixture.Log.SizeBytes, 1000, 1400);
    }

    [Fact]
    public async Task A_compacted_topic_is_not_shortened_by_retention()
    {
        await using var fixture = new LogFixture();
        fixture.Configs[TopicConfig.CleanupPolicy] = "compact";
        await fixture.AppendAsync();
        fixture.Time.Advance(TimeSpan.FromDays(30));
        fixture.Logs.ApplyRetention();
        Assert.Equal([0], fixture.Offsets());
    }

    [Fact]
    public async Task Deleted_records_stay_deleted_after_a_restart()
    {
        await using var fixture = new LogFixture();
        await fixture.AppendAsync(5);
        await fixture.AppendAsync(5);
        Assert.Equal((ErrorCode.None, 7), fixture.Log.DeleteBefore(7));
        Assert.Equal(ErrorCode.OffsetOutOfRange, fixture.Log.DeleteBefore(11).Error);
        await fixture.KillAsync();
        Assert.Equal(7, fixture.Log.LogStartOffset);
        using var plan = fixture.Log.PlanRead(6, 1, IsolationLevel.ReadUncommitted, true);
        Assert.Equal(ErrorCode.OffsetOutOfRange, plan.Error);
    }

    [Fact]
    public async Task A_reader_of_a_segment_that_retention_deletes_finishes_its_read()
    {
        await using var fixture = new LogFixture();
        fixture.Configs[TopicConfig.RetentionMs] = "1000";
        await fixture.AppendAsync(5);
        using var plan = fixture.Log.PlanRead(0, 1 << 20, IsolationLevel.ReadUncommitted, true);
        fixture.Time.Advance(TimeSpan.FromSeconds(10));
        fixture.Logs.ApplyRetention();
        Assert.Equal(5, fixture.Log.LogStartOffset);
        var bytes = new byte[plan.Length];
        plan.Read(bytes);
        Assert.Equal(5, BatchHeader.Parse(bytes).RecordCount);
    }

    [Fact]
    public async Task Concurrent_appends_get_distinct_offsets_in_one_unbroken_row()
    {
        await using var fixture = new LogFixture();
        var log = fixture.Log;
        var batches = Enumerable.Range(0, 400).Select(_ => fixture.Batch(2)).ToList();
        var results = await Task.WhenAll(batches.Select(batch => Task.Run(async () => await log.AppendAsync(batch))));
        Assert.Equal(Enumerable.Range(0, 400).Select(i => i * 2L), results.Select(result => result.BaseOffset).Order());
        Assert.Equal(800, log.HighWatermark);
    }

    [Fact]
    public async Task Records_without_a_timestamp_are_as_old_as_their_file()
    {
        await using var fixture = new LogFixture();
        fixture.Configs[TopicConfig.RetentionMs] = "86400000";
        await fixture.AppendAsync(timestampMs: -1);
        File.SetLastWriteTimeUtc(fixture.LastSegment, fixture.Time.GetUtcNow().UtcDateTime);
        fixture.Logs.ApplyRetention();
        Assert.Equal([0], fixture.Offsets());
        fixture.Time.Advance(TimeSpan.FromDays(2));
        fixture.Logs.ApplyRetention();
        Assert.Empty(fixture.Offsets());
    }
}
