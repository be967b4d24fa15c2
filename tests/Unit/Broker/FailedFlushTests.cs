using Microsoft.Win32.SafeHandles;
using StreamPlatform.Broker.Storage;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Tests.Unit.Broker;

/// <summary>A disk whose fsync fails once and works again: what it said to have lost must never be acknowledged.</summary>
public sealed class FailedFlushTests : IAsyncDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly Flusher _flusher = new();
    private readonly RecordingLogger _logger = new();

    private static LogSettings Defaults => LogSettings.From(new Dictionary<string, string>());

    public async ValueTask DisposeAsync()
    {
        await _flusher.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task An_append_that_waits_behind_a_failed_flush_is_not_acknowledged_by_the_next_one()
    {
        using var disk = new FailingOnceDisk();
        var log = Open(disk);
        var first = log.AppendAsync(Batch()).AsTask();
        await disk.Entered.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        var second = log.AppendAsync(Batch()).AsTask();
        Assert.Equal(1, disk.Calls);
        disk.Fail();

        Assert.Equal(ErrorCode.KafkaStorageError, (await first).Error);
        Assert.Equal(ErrorCode.KafkaStorageError, (await second).Error);
        Assert.Equal(0, log.HighWatermark);
        Assert.Equal(ErrorCode.KafkaStorageError, (await log.AppendAsync(Batch())).Error);
        log.Flush();
        Assert.Equal(0, log.HighWatermark);
        Assert.Single(_logger.Entries);
        log.Close();
    }

    [Fact]
    public async Task A_segment_that_cannot_be_flushed_when_it_is_sealed_takes_the_partition_offline()
    {
        using var disk = new FailingOnceDisk();
        var log = Open(disk, Defaults with { SegmentBytes = 1 });
        var first = log.AppendAsync(Batch()).AsTask();
        await disk.Entered.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        disk.FailNext();
        Assert.Equal(ErrorCode.KafkaStorageError, (await log.AppendAsync(Batch())).Error);
        disk.Succeed();
        Assert.Equal(ErrorCode.KafkaStorageError, (await first).Error);
        Assert.Equal(0, log.HighWatermark);
        Assert.Equal(ErrorCode.KafkaStorageError, (await log.AppendAsync(Batch())).Error);
        log.Close();
    }

    private static byte[] Batch() => new RecordBatchBuilder(1_000).Add(null, new byte[10]).Build();

    private PartitionLog Open(FailingOnceDisk disk, LogSettings? settings = null) => new(
        "t", 0, Path.Combine(_directory.Path, "logs", "t", "0"), settings ?? Defaults,
        new LogContext(TimeProvider.System, _logger, _flusher) { FlushToDisk = disk.Flush });

    /// <summary>The first fsync waits for the test's word; later ones work, unless the test wants the next one to fail.</summary>
    private sealed class FailingOnceDisk : IDisposable
    {
        private readonly ManualResetEventSlim _told = new();
        private volatile bool _firstFails;
        private volatile bool _nextFails;
        private int _calls;

        public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Calls => Volatile.Read(ref _calls);

        public void Fail()
        {
            _firstFails = true;
            _told.Set();
        }

        public void Succeed() => _told.Set();

        public void FailNext() => _nextFails = true;

        public void Flush(SafeFileHandle file)
        {
            if (Interlocked.Increment(ref _calls) > 1)
            {
                if (_nextFails)
                {
                    _nextFails = false;
                    throw new IOException("disk error");
                }
                return;
            }
            Entered.SetResult();
            Assert.True(_told.Wait(TimeSpan.FromSeconds(60)));
            if (_firstFails)
            {
                throw new IOException("disk error");
            }
        }

        public void Dispose() => _told.Dispose();
    }
}
