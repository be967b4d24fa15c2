using FsCheck;
using FsCheck.Fluent;
using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams.Batching;

/// <summary>Batches, their order and every caller's end against a model that sorts a list, millisecond by millisecond.</summary>
public sealed class BatcherModelTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private enum Act { Add, Cancel, Advance, Finish, Fail }

    [Fact]
    public void Batches_and_ends_equal_the_models()
    {
        var acts = from kind in Gen.Frequency((8, Gen.Constant(Act.Add)), (1, Gen.Constant(Act.Cancel)), (4, Gen.Constant(Act.Advance)), (4, Gen.Constant(Act.Finish)), (1, Gen.Constant(Act.Fail)))
                   from pick in Gen.Choose(0, 1_000)
                   select (kind, pick);
        var options = from size in Gen.Choose(1, 4)
                      from room in Gen.Choose(0, 5)
                      from linger in Gen.Elements(0, 1, 7, 30, 1_000)
                      from criticalLinger in Gen.Choose(0, 3)
                      from slots in Gen.Elements((1, 0), (2, 0), (2, 1), (3, 1))
                      select new BatcherOptions
                      {
                          MaxBatchSize = size, MaxQueued = size + room, LingerMs = linger, CriticalLingerMs = criticalLinger, MaxConcurrentBatches = slots.Item1,
                          ReservedForCritical = slots.Item2, CriticalMaxWaitMs = 3, HighMaxWaitMs = 10, MediumMaxWaitMs = 20, LowMaxWaitMs = 40,
                      };
        var cases = from o in options from list in Gen.ListOf(acts) select (o, list);
        Prop.ForAll(cases.ToArbitrary(), each => RunAsync(each.o, [.. each.list])).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    private static async Task RunAsync(BatcherOptions options, List<(Act Kind, int Pick)> acts)
    {
        await using var held = new HeldBatches();
        var batcher = held.Batcher(options);
        var model = new Model(options);
        List<Task<int>> calls = [];
        List<CancellationTokenSource> tokens = [];
        List<HeldBatches.Held> running = [];

        async Task CompareAsync()
        {
            foreach (var _ in model.Started) running.Add(await held.NextAsync());
            Assert.Equal(model.Started.Select(ids => string.Join(',', ids)).Order(), running.TakeLast(model.Started.Count).Select(b => string.Join(',', b.Requests)).Order());
            Assert.True(held.NoneStarted);
            model.Started.Clear();
            Assert.All(Enum.GetValues<BatchPriority>(), p => Assert.Equal(model.Waiting.Count(w => w.Priority == p), batcher.Queued(p)));
            Assert.All(running, batch => Assert.Equal(batch.Requests.All(id => tokens[id].IsCancellationRequested), batch.Abandoned.IsCancellationRequested));
        }

        async Task EndAsync(HeldBatches.Held batch, bool fail)
        {
            running.Remove(batch);
            model.End(batch.Requests, fail);
            if (fail) batch.Fail(new ArithmeticException());
            else batch.Finish();
            foreach (var id in batch.Requests) await Task.WhenAny(calls[id]).WaitAsync(Patience);
        }

        foreach (var (kind, pick) in acts)
        {
            switch (kind)
            {
                case Act.Add:
                    var priority = (BatchPriority)(pick % 4);
                    model.Add(calls.Count, priority);
                    tokens.Add(new CancellationTokenSource());
                    calls.Add(batcher.RunAsync(calls.Count, priority, tokens[^1].Token));
                    break;
                case Act.Cancel when calls.Count > 0:
                    model.Cancel(pick % calls.Count);
                    await tokens[pick % calls.Count].CancelAsync();
                    break;
                case Act.Advance:
                    model.Advance(pick % 15);
                    held.Time.Advance(TimeSpan.FromMilliseconds(pick % 15));
                    break;
                case Act.Finish or Act.Fail when running.Count > 0:
                    await EndAsync(running[pick % running.Count], kind == Act.Fail);
                    break;
            }
            await CompareAsync();
        }
        model.Advance(100);
        held.Time.Advance(TimeSpan.FromMilliseconds(100));
        await CompareAsync();
        while (running.Count > 0)
        {
            await EndAsync(running[0], fail: false);
            await CompareAsync();
        }
        await batcher.DisposeAsync();
        Assert.Empty(model.Waiting);
        for (var id = 0; id < calls.Count; id++) Assert.Equal(model.Ends[id], await EndOf(calls[id]));
        foreach (var token in tokens) token.Dispose();
    }

    private static async Task<string> EndOf(Task<int> call)
    {
        try { return $"{await call.WaitAsync(Patience)}"; }
        catch (OperationCanceledException) { return "cancelled"; }
        catch (TransientException) { return "refused"; }
        catch (ArithmeticException) { return "failed"; }
    }

    private sealed class Model(BatcherOptions options)
    {
        private readonly int[] maxWait = [options.CriticalMaxWaitMs, options.HighMaxWaitMs, options.MediumMaxWaitMs, options.LowMaxWaitMs];
        private readonly List<(List<int> Ids, bool Reserved)> running = [];
        private int now;

        public List<(int Id, BatchPriority Priority, int Arrived)> Waiting { get; } = [];
        public List<List<int>> Started { get; } = [];
        public Dictionary<int, string> Ends { get; } = [];

        public void Add(int id, BatchPriority priority)
        {
            Waiting.Add((id, priority, now));
            Dispatch();
            if (Waiting.Count <= options.MaxQueued) return;
            var refused = Waiting.MaxBy(w => (w.Priority, w.Id));
            Waiting.Remove(refused);
            Ends.Add(refused.Id, "refused");
        }

        public void Cancel(int id)
        {
            if (Waiting.RemoveAll(w => w.Id == id) > 0) Ends.Add(id, "cancelled");
        }

        public void Advance(int ms)
        {
            for (var i = 0; i < ms; i++)
            {
                now++;
                Dispatch();
            }
        }

        public void End(IReadOnlyList<int> ids, bool fail)
        {
            running.RemoveAll(batch => batch.Ids.SequenceEqual(ids));
            foreach (var id in ids) Ends.Add(id, fail ? "failed" : $"{id * 10}");
            Dispatch();
        }

        private void Dispatch()
        {
            while (true)
            {
                var reserved = running.Count(b => !b.Reserved) == options.MaxConcurrentBatches - options.ReservedForCritical;
                if (reserved && running.Count(b => b.Reserved) == options.ReservedForCritical) return;
                var candidates = Waiting.Where(w => !reserved || w.Priority == BatchPriority.Critical).ToList();
                if (candidates.Count < options.MaxBatchSize && !candidates.Any(w => now - w.Arrived >= Linger(w.Priority))) return;
                var batch = candidates.OrderBy(w => w.Priority != BatchPriority.Critical).ThenBy(w => w.Arrived + maxWait[(int)w.Priority])
                    .ThenBy(w => w.Priority).ThenBy(w => w.Id).Take(options.MaxBatchSize).Select(w => w.Id).ToList();
                Waiting.RemoveAll(w => batch.Contains(w.Id));
                running.Add((batch, reserved));
                Started.Add(batch);
            }
        }

        private int Linger(BatchPriority priority) =>
            Math.Min(priority == BatchPriority.Critical ? options.CriticalLingerMs : options.LingerMs, maxWait[(int)priority]);
    }
}
