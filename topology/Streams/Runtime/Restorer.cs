namespace StreamPlatform.Streams;

/// <summary>
/// Fills tasks from changelogs, progress and tables on a consumer of its own, up to the high watermark: end offsets are listed read_uncommitted, then
/// everything is read read_committed until the partition's end is seen at or past them, so that a dying owner's last transaction is decided first.
/// </summary>
internal sealed class Restorer(ITransport transport, TransportSettings settings, IGroupConsumer consumer, ITopicAdmin admin, Topology topology, IScheduling scheduling)
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(5);

    private sealed class OvertakenException : Exception;

    public RestoreResult Run(IReadOnlyList<StreamTask> tasks, CancellationToken cancel)
    {
        try
        {
            var (start, records) = Restore(tasks, cancel);
            return new(tasks, start, records, null);
        }
        catch (OvertakenException)
        {
            return new(tasks, [], 0, null, Overtaken: true);
        }
        catch (Exception e)
        {
            return new(tasks, [], 0, e); // classified by the owner loop
        }
    }

    private (List<PartitionOffset> Start, long Records) Restore(IReadOnlyList<StreamTask> tasks, CancellationToken cancel)
    {
        var inputs = tasks.SelectMany(t => t.Inputs).ToList();
        if (inputs.Count == 0) return ([], 0);
        var present = Retry(admin.Topics, cancel);
        TopicSetup.Verify(topology, settings.Options, present);
        foreach (var task in tasks) TopicSetup.VerifyUnchanged(task, present);
        var committed = Retry(() => consumer.Committed([.. inputs.Select(i => i.Id)], CallTimeout), cancel);

        var progress = tasks.ToDictionary(t => t, _ => new Dictionary<string, Progress.Restored>());
        var sources = new Dictionary<TopicPartitionId, Action<ConsumedRecord>>();
        var tableEnds = new Dictionary<TopicPartitionId, long>();
        foreach (var task in tasks)
        {
            foreach (var node in task.Sub.KeyedNodes)
            {
                var store = task.StoreOf(node.StoreName)!;
                sources[new(store.ChangelogTopic, task.Partition)] = record => TaskRestore.Store(store, record);
            }
            foreach (var input in task.Inputs)
                if (input.Source is ITableRestorer table)
                {
                    if (!input.Source.IsPassive)
                    {
                        sources[input.Id] = record => // then read on where it was left, as a stream
                        {
                            TaskRestore.Table(task, table, record);
                            input.RowsEnd = record.Offset + 1;
                        };
                        continue;
                    }
                    tableEnds[input.Id] = 0;
                    sources[input.Id] = record => RestoreRow(task, input, table, record, committed);
                }
        }
        foreach (var byPartition in tasks.GroupBy(t => t.Partition))
        {
            var group = byPartition.ToList();
            sources[new(group[0].Kernel.ProgressTopic, byPartition.Key)] = record =>
            {
                foreach (var task in group) TaskRestore.Progress(progress[task], record);
            };
        }

        var records = ReadToEnd(sources, tableEnds, tasks[0].Kernel.Metrics, cancel);
        var start = new List<PartitionOffset>();
        foreach (var task in tasks)
            foreach (var input in task.Inputs)
                start.Add(new(input.Id, StartOf(task, input, progress[task], committed, tableEnds, cancel)));
        return (start, records);
    }

    private static void RestoreRow(StreamTask task, TaskInput input, ITableRestorer table, ConsumedRecord record, IReadOnlyDictionary<TopicPartitionId, long> committed)
    {
        // a bad row the group has not passed yet was never dead-lettered: it stays an input of the task
        if (TaskRestore.Table(task, table, record) || record.Offset < committed.GetValueOrDefault(input.Id, 0)) return;
        task.RestoredPoison.Add((input, record));
    }

    private long StartOf(StreamTask task, TaskInput input, Dictionary<string, Progress.Restored> progress,
        IReadOnlyDictionary<TopicPartitionId, long> committed, Dictionary<TopicPartitionId, long> tableEnds, CancellationToken cancel)
    {
        if (tableEnds.TryGetValue(input.Id, out var end))
        {
            input.Tracker = new OffsetTracker(end);
            return end;
        }
        long? group = committed.TryGetValue(input.Id, out var found) ? found : null;
        if (!progress.TryGetValue(input.Id.Topic, out var restored) || restored.Base is not { } known)
        {
            var from = group ?? (input.Source is { Internal: null, IsTable: false } ? Initial(input.Id, cancel) : PartitionOffset.Beginning);
            input.Tracker = new OffsetTracker(from);
            input.Dirty = group is null && from >= 0; // "latest" is decided once
            return from;
        }
        var options = settings.Options;
        // No group offset: it expired; progress knows. At least once writes progress before the group's offset, so it may be ahead after a crash;
        // and nothing fences an instance that was paused and goes on, so it may be behind, written by the predecessor: records run again, none is lost.
        var agree = group is null || group == known || options.Guarantee == ProcessingGuarantee.AtLeastOnce;
        // an instance that was suspended between the two readings knows an old offset and the progress of its successor
        if (!agree && Retry(() => consumer.Committed([input.Id], CallTimeout), cancel).TryGetValue(input.Id, out var now) && now != group) throw new OvertakenException();
        if (!agree && options.OnOffsetMismatch == OffsetMismatchPolicy.Fail)
            throw new StreamsConfigurationException($"application {options.ApplicationId}: the group's offset {group} of {input.Id} differs from the recorded progress {known}; "
                + $"set {nameof(StreamsOptions.OnOffsetMismatch)} to {OffsetMismatchPolicy.UseProgress} or {OffsetMismatchPolicy.UseGroup}");
        if (!agree && options.OnOffsetMismatch == OffsetMismatchPolicy.UseGroup)
        {
            input.Tracker = new OffsetTracker(group!.Value);
            foreach (var chunk in restored.Chunks.Keys) input.WrittenChunks.Add(chunk);
            return group.Value;
        }
        restored.ApplyTo(input);
        input.Dirty = group != known; // the group's offset follows with the first commit, not only with the next record
        return known;
    }

    /// <summary>Where an input without offset starts, as a number: the tracker needs one.</summary>
    private long Initial(TopicPartitionId id, CancellationToken cancel)
    {
        if (settings.Options.InitialOffset == InitialOffset.Latest) return Retry(() => admin.EndOffsets([id]), cancel)[id];
        return PartitionOffset.Beginning;
    }

    private long ReadToEnd(Dictionary<TopicPartitionId, Action<ConsumedRecord>> sources, Dictionary<TopicPartitionId, long> tableEnds, StreamsMetrics metrics, CancellationToken cancel)
    {
        if (sources.Count == 0) return 0;
        var ends = Retry(() => admin.EndOffsets([.. sources.Keys]), cancel);
        var open = sources.Keys.Where(p => ends[p] > 0).ToHashSet(); // 0: never written
        if (open.Count == 0) return 0;
        using var progress = new RestoreProgress(metrics, open.Select(p => (p, ends[p])));
        using var reader = transport.OpenReader(settings);
        reader.Assign([.. open.Select(p => new PartitionOffset(p, PartitionOffset.Beginning))]);
        long records = 0;
        var polled = new PollResult[1_000];
        TopicPartitionId? from = null;
        long position = 0;
        Action<ConsumedRecord>? source = null;
        while (open.Count > 0)
        {
            cancel.ThrowIfCancellationRequested();
            int count;
            try { count = reader.Poll(polled, 100); }
            catch (TransportException e) when (e.Failure == TransportFailure.Retriable) { continue; }
            foreach (ref var result in polled.AsSpan(0, count))
            {
                if (result.Kind == PollKind.EndOfPartition)
                {
                    if (result.EndOffset < ends[result.Partition]) continue;
                    open.Remove(result.Partition);
                    progress.Reached(result.Partition, result.EndOffset);
                    from = null;
                    if (tableEnds.ContainsKey(result.Partition)) tableEnds[result.Partition] = result.EndOffset;
                    continue;
                }
                var record = result.Record!;
                if (from is null || record.Partition != from.Value.Partition || !ReferenceEquals(record.Topic, from.Value.Topic))
                {
                    if (from is { } before) progress.Reached(before, position);
                    from = new TopicPartitionId(record.Topic, record.Partition);
                    // what was written since: a table reads it again as input, nobody else writes the others
                    source = open.Contains(from.Value) ? sources[from.Value] : null;
                }
                position = record.Offset + 1;
                if (source is null) continue;
                source(record);
                records++;
            }
            if (from is { } last) progress.Reached(last, position);
            polled.AsSpan(0, count).Clear();
        }
        return records;
    }

    /// <summary>Repeats a call until it succeeds or the assignment is gone: an unstable offset or a restarting broker passes.</summary>
    private T Retry<T>(Func<T> call, CancellationToken cancel)
    {
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            try { return call(); }
            catch (TransportException e) when (e.Failure == TransportFailure.Retriable)
            {
                settings.Warn("restore", e.Message);
                Wait(cancel, TimeSpan.FromMilliseconds(200));
            }
        }
    }

    private void Wait(CancellationToken cancel, TimeSpan time)
    {
        var cancelled = scheduling.CreateSignal();
        using var registration = cancel.Register(cancelled.Set);
        cancelled.Wait(time);
    }
}
