using Microsoft.Extensions.Logging;
using StreamPlatform.Broker.Storage;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Requests;

/// <summary>
/// Fetch 4-12.
/// Deviations: no fetch sessions (the answer's session id is always 0, which tells clients to send full requests; a request naming a session gets
/// FETCH_SESSION_ID_NOT_FOUND); only whole batches are returned; replica fetches are treated as a consumer's; diverging epochs do not exist on one node;
/// records are bounded by the broker's MaxFetchBytes too.
/// Long poll: waits for min bytes over all partitions, at most the request's max wait.
/// </summary>
internal sealed class FetchHandler(BrokerServices services, LogManager logs, ILogger logger) : IRequestHandler
{
    public ApiKey Key => ApiKey.Fetch;

    private readonly record struct Wanted(ErrorCode Injected, string Topic, int Partition, PartitionLog? Log, int LeaderEpoch, long Offset, int MaxBytes);

    private sealed record Request(int MaxWaitMs, int MinBytes, int MaxBytes, IsolationLevel Isolation, bool NamesSession, Wanted[][] Topics)
    {
        public IEnumerable<PartitionLog> Logs => Topics.SelectMany(topic => topic).Select(wanted => wanted.Log).OfType<PartitionLog>();
    }

    public ValueTask HandleAsync(RequestContext context, ReadOnlyMemory<byte> body, KafkaWriter response, CancellationToken cancel)
    {
        var request = Parse(context, body);
        if (request.NamesSession)
        {
            WriteHeader(context.Version, ErrorCode.FetchSessionIdNotFound, 0, response);
            response.WriteEmptyTaggedFields();
            return ValueTask.CompletedTask;
        }
        var plans = PlanAll(request, out var bytes, out var failed);
        if (bytes >= request.MinBytes || failed || request.MaxWaitMs <= 0)
        {
            Write(context.Version, request, plans, response);
            return ValueTask.CompletedTask;
        }
        Release(plans);
        return WaitAsync(context.Version, request, response, cancel);
    }

    private async ValueTask WaitAsync(short version, Request request, KafkaWriter response, CancellationToken cancel)
    {
        var signal = new FetchSignal();
        var expired = false;
        foreach (var log in request.Logs)
        {
            log.AddWaiter(signal);
        }
        try
        {
            await using var timer = services.Time.CreateTimer(
                _ =>
                {
                    Volatile.Write(ref expired, true);
                    signal.Set();
                }, null, TimeSpan.FromMilliseconds(request.MaxWaitMs), Timeout.InfiniteTimeSpan);
            await using var cancelled = cancel.Register(signal.Set);
            while (true)
            {
                signal.Reset();
                // Read before planning: what arrives later wakes the next round.
                var last = Volatile.Read(ref expired);
                cancel.ThrowIfCancellationRequested();
                var plans = PlanAll(request, out var bytes, out var failed);
                if (bytes >= request.MinBytes || failed || last)
                {
                    Write(version, request, plans, response);
                    return;
                }
                Release(plans);
                await signal.Task.ConfigureAwait(false);
            }
        }
        finally
        {
            foreach (var log in request.Logs)
            {
                log.RemoveWaiter(signal);
            }
        }
    }

    private Request Parse(RequestContext context, ReadOnlyMemory<byte> body)
    {
        var reader = context.Reader(body);
        reader.ReadInt32();
        var maxWaitMs = reader.ReadInt32();
        var minBytes = reader.ReadInt32();
        var maxBytes = reader.ReadInt32();
        var isolation = (IsolationLevel)reader.ReadInt8();
        var session = context.Version >= 7 ? reader.ReadInt32() : 0;
        if (context.Version >= 7)
        {
            reader.ReadInt32();
        }
        var topics = new Wanted[reader.ReadArrayLength()][];
        for (var t = 0; t < topics.Length; t++)
        {
            var name = reader.ReadString();
            var topic = logs.Find(name);
            topics[t] = new Wanted[reader.ReadArrayLength(minElementBytes: 16)];
            for (var p = 0; p < topics[t].Length; p++)
            {
                topics[t][p] = ParsePartition(ref reader, context, name, topic);
            }
            reader.SkipTaggedFields();
        }
        // Forgotten topics and the rack id matter to sessions and replicas only: the rest is not read.
        return new Request(maxWaitMs, minBytes, maxBytes, isolation, session != 0, topics);
    }

    private Wanted ParsePartition(ref KafkaReader reader, RequestContext context, string name, Topic? topic)
    {
        var version = context.Version;
        var partition = reader.ReadInt32();
        var leaderEpoch = version >= 9 ? reader.ReadInt32() : -1;
        var offset = reader.ReadInt64();
        if (version >= 12)
        {
            reader.ReadInt32();
        }
        if (version >= 5)
        {
            reader.ReadInt64();
        }
        var maxBytes = reader.ReadInt32();
        reader.SkipTaggedFields();
        var injected = services.Options.ErrorHook?.Invoke(context, name, partition) ?? ErrorCode.None;
        return new Wanted(injected, name, partition, topic?.Log(partition), leaderEpoch, offset, maxBytes);
    }

    private ReadPlan[][] PlanAll(Request request, out long bytes, out bool failed)
    {
        var budget = Math.Min(Math.Max(0, request.MaxBytes), services.Options.MaxFetchBytes);
        bytes = 0;
        failed = false;
        var plans = new ReadPlan[request.Topics.Length][];
        for (var t = 0; t < plans.Length; t++)
        {
            var wanted = request.Topics[t];
            plans[t] = new ReadPlan[wanted.Length];
            for (var p = 0; p < wanted.Length; p++)
            {
                var plan = Plan(wanted[p], (int)Math.Max(0, budget - bytes), request.Isolation, first: bytes == 0);
                plans[t][p] = plan;
                bytes += plan.Length;
                failed |= plan.Error != ErrorCode.None;
            }
        }
        return plans;
    }

    // The first batch found is returned whatever its size, so that no consumer is stuck before a large one.
    private static ReadPlan Plan(Wanted wanted, int budget, IsolationLevel isolation, bool first)
    {
        if (wanted.Injected != ErrorCode.None)
        {
            return new ReadPlan(wanted.Injected, -1, -1, -1, null, 0, 0, null);
        }
        if (wanted.Log is not { } log)
        {
            return new ReadPlan(ErrorCode.UnknownTopicOrPartition, -1, -1, -1, null, 0, 0, null);
        }
        var error = LeaderEpochs.Check(wanted.LeaderEpoch, log);
        return error == ErrorCode.None
            ? log.PlanRead(wanted.Offset, Math.Min(wanted.MaxBytes, budget), isolation, first)
            : new ReadPlan(error, -1, -1, -1, null, 0, 0, null);
    }

    private static void Release(ReadPlan[][] plans)
    {
        foreach (var plan in plans.SelectMany(topic => topic))
        {
            plan.Dispose();
        }
    }

    private void Write(short version, Request request, ReadPlan[][] plans, KafkaWriter response)
    {
        try
        {
            WriteHeader(version, ErrorCode.None, request.Topics.Length, response);
            for (var t = 0; t < plans.Length; t++)
            {
                response.WriteString(request.Topics[t].Length > 0 ? request.Topics[t][0].Topic : "");
                response.WriteArrayLength(plans[t].Length);
                for (var p = 0; p < plans[t].Length; p++)
                {
                    WritePartition(version, request.Topics[t][p], plans[t][p], request.Isolation, response);
                }
                response.WriteEmptyTaggedFields();
            }
            response.WriteEmptyTaggedFields();
        }
        finally
        {
            Release(plans);
        }
    }

    private static void WriteHeader(short version, ErrorCode error, int topics, KafkaWriter response)
    {
        response.WriteInt32(0);
        if (version >= 7)
        {
            response.WriteError(error);
            response.WriteInt32(0);
        }
        response.WriteArrayLength(topics);
    }

    private void WritePartition(short version, Wanted wanted, ReadPlan plan, IsolationLevel isolation, KafkaWriter response)
    {
        var start = response.Length;
        WritePartitionHeader(version, wanted.Partition, plan.Error, plan, isolation, response);
        response.WriteBytesLength(plan.Length);
        try
        {
            if (plan.Length > 0)
            {
                plan.Read(response.Reserve(plan.Length));
            }
        }
        catch (IOException e)
        {
            Log.ReadFailed(logger, e, wanted.Topic, wanted.Partition);
            response.Truncate(start);
            WritePartitionHeader(version, wanted.Partition, ErrorCode.KafkaStorageError, plan, isolation, response);
            response.WriteBytesLength(0);
        }
        response.WriteEmptyTaggedFields();
    }

    private static void WritePartitionHeader(short version, int partition, ErrorCode error, ReadPlan plan, IsolationLevel isolation, KafkaWriter response)
    {
        response.WriteInt32(partition);
        response.WriteError(error);
        response.WriteInt64(plan.HighWatermark);
        response.WriteInt64(plan.LastStableOffset);
        if (version >= 5)
        {
            response.WriteInt64(plan.LogStartOffset);
        }
        WriteAborted(plan, isolation, response);
        if (version >= 11)
        {
            response.WriteInt32(-1);
        }
    }

    private static void WriteAborted(ReadPlan plan, IsolationLevel isolation, KafkaWriter response)
    {
        if (isolation == IsolationLevel.ReadUncommitted)
        {
            response.WriteNullArray();
            return;
        }
        response.WriteArrayLength(plan.Aborted?.Count ?? 0);
        foreach (var aborted in plan.Aborted ?? [])
        {
            response.WriteInt64(aborted.ProducerId);
            response.WriteInt64(aborted.FirstOffset);
            response.WriteEmptyTaggedFields();
        }
    }
}
