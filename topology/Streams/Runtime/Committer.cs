using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace StreamPlatform.Streams;

/// <summary>How a commit ended.</summary>
internal sealed record CommitResult(IReadOnlyList<SealedBatch> Committed, double ElapsedMs, Exception? Error);

/// <summary>
/// Owns the producer on a thread of its own, because its calls block. A batch is kept until its commit is acknowledged: an abortable error aborts, drops the batches of
/// released tasks and produces the rest again; nothing is computed twice.
/// </summary>
internal sealed class Committer
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(60);
    private readonly ISignal work;
    private readonly ConcurrentQueue<CommitResult> results = new();
    private readonly IOutputProducer producer;
    private readonly IGroupConsumer consumer;
    private readonly StreamsOptions options;
    private readonly StreamsMetrics metrics;
    private readonly ILogger logger;
    private readonly TimeProvider time;
    private readonly ISignal idle;
    private readonly ISignal abandoned;
    private readonly ISignal wake;
    private List<SealedBatch>? job; // at most one: nothing is submitted while one is under way
    private long startedAt;

    public Committer(IOutputProducer producer, IGroupConsumer consumer, StreamsOptions options, StreamsMetrics metrics, ILogger logger, TimeProvider time, IScheduling scheduling, ISignal wake)
    {
        this.wake = wake;
        this.producer = producer; this.consumer = consumer; this.options = options; this.metrics = metrics; this.logger = logger; this.time = time;
        (work, idle, abandoned) = (scheduling.CreateSignal(), scheduling.CreateSignal(true), scheduling.CreateSignal());
        scheduling.RunThread($"{options.ApplicationId}-commit", Run);
    }

    public bool Busy => !idle.IsSet;

    /// <summary>Time the commit under way has taken; zero when idle.</summary>
    public TimeSpan Elapsed => Busy ? time.GetElapsedTime(Interlocked.Read(ref startedAt)) : TimeSpan.Zero;

    public void Submit(List<SealedBatch> batches)
    {
        Interlocked.Exchange(ref startedAt, time.GetTimestamp());
        idle.Reset();
        Volatile.Write(ref job, batches);
        work.Set();
    }

    public bool TryTake(out CommitResult result) => results.TryDequeue(out result!);

    /// <summary>Waits until the commit under way ended; false at the deadline.</summary>
    public bool WaitIdle(TimeSpan timeout) => idle.Wait(timeout < TimeSpan.Zero ? TimeSpan.Zero : timeout);

    /// <summary>No more jobs; the thread ends when its call returns.</summary>
    public void Stop()
    {
        abandoned.Set();
        work.Set();
    }

    private void Run()
    {
        while (true)
        {
            work.Wait(Timeout.InfiniteTimeSpan);
            work.Reset();
            if (Interlocked.Exchange(ref job, null) is { } batches)
            {
                results.Enqueue(Commit(batches));
                idle.Set();
                wake.Set();
            }
            if (abandoned.IsSet && Volatile.Read(ref job) is null) return;
        }
    }

    private CommitResult Commit(List<SealedBatch> batches)
    {
        var started = time.GetTimestamp();
        var attempt = 0;
        while (true)
        {
            batches.RemoveAll(b => b.Task.Released);
            if (batches.Count == 0) return new([], 0, null);
            try
            {
                if (options.Guarantee == ProcessingGuarantee.ExactlyOnce) CommitTransaction(batches);
                else CommitAtLeastOnce(batches);
                var elapsed = time.GetElapsedTime(started).TotalMilliseconds;
                metrics.Committed(batches.Sum(b => b.Finished), batches.Sum(b => b.Records.Count), elapsed);
                return new(batches, elapsed, null);
            }
            catch (TransportException e) when (e.Failure is TransportFailure.Abortable or TransportFailure.Retriable && time.GetElapsedTime(started) < GiveUpAfter && !abandoned.IsSet)
            {
                metrics.Aborted();
                Log.Aborted(logger, options.ApplicationId, options.InstanceSlot, e.Message);
                try { if (options.Guarantee == ProcessingGuarantee.ExactlyOnce) Abort(); }
                catch (Exception fatal) { return new([], 0, fatal); } // classified by the owner loop
                abandoned.Wait(TimeSpan.FromMilliseconds(Math.Min(1_000, 20 << Math.Min(attempt++, 6))));
            }
            catch (Exception e)
            {
                return new([], 0, e); // classified by the owner loop
            }
        }
    }

    private void CommitTransaction(List<SealedBatch> batches)
    {
        producer.Begin();
        foreach (var batch in batches) Produce(batch.Records, 0, batch.Records.Count);
        var offsets = Offsets(batches);
        if (offsets.Count > 0)
        {
            // fetched now, never cached; without a member id a classic group would accept the offsets unfenced
            var membership = consumer.Membership();
            if (membership.MemberId.Length == 0) throw new TransportException(TransportFailure.Abortable, "not a member of the group at the moment");
            CheckOwned(batches);
            Repeat(() => producer.SendOffsets(offsets, membership, CallTimeout));
        }
        Repeat(() => producer.CommitTransaction(CallTimeout)); // in doubt: repeated, never aborted
    }

    private void CommitAtLeastOnce(List<SealedBatch> batches)
    {
        foreach (var batch in batches) Produce(batch.Records, 0, batch.ProgressFrom);
        producer.Flush(GiveUpAfter);
        foreach (var batch in batches) Produce(batch.Records, batch.ProgressFrom, batch.Records.Count);
        producer.Flush(GiveUpAfter);
        var offsets = Offsets(batches);
        CheckOwned(batches);
        if (offsets.Count > 0) consumer.Commit(offsets);
    }

    private void Produce(OutputBuffer records, int from, int to)
    {
        for (var i = from; i < to; i++) producer.Produce(records[i]);
    }

    /// <summary>
    /// Asked after the membership is fetched: if nothing is released yet, the membership is the one under which the batches were made, and the broker fences it if it is stale.
    /// A released task's batch must never be sent under a later generation.
    /// </summary>
    private static void CheckOwned(List<SealedBatch> batches)
    {
        if (batches.Exists(b => b.Task.Released)) throw new TransportException(TransportFailure.Abortable, "a task was taken away during the commit");
    }

    private static List<PartitionOffset> Offsets(List<SealedBatch> batches) => [.. batches.SelectMany(b => b.Offsets).Select(o => new PartitionOffset(o.Partition, o.Offset))];

    private void Abort() => Repeat(() => producer.AbortTransaction(CallTimeout));

    private void Repeat(Action call)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            try { call(); return; }
            catch (TransportException e) when (e.Failure == TransportFailure.Retriable)
            {
                if (time.GetElapsedTime(started) > GiveUpAfter || abandoned.IsSet)
                    throw new TransportException(TransportFailure.Fatal, $"the transaction coordinator does not answer: {e.Message}", e);
            }
        }
    }
}
