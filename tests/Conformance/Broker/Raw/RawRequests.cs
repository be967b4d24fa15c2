using Confluent.Kafka;

namespace StreamPlatform.Tests.Conformance.Broker;

/// <summary>The few requests the raw tests send, each in one classic version.</summary>
internal static class RawRequests
{
    public sealed record Joined(short Error, int Generation, string Leader, string MemberId, int Members);

    public static async Task<(short Error, long ProducerId, short Epoch)> InitProducerIdAsync(this RawClient client, string? id, int timeoutMs = 60_000)
    {
        var answer = await client.CallAsync(22, 1, w => w.String(id).Int32(timeoutMs));
        answer.Int32();
        return (answer.Int16(), answer.Int64(), answer.Int16());
    }

    /// <summary>Waits while the coordinator still ends an earlier transaction, as clients do.</summary>
    public static async Task<(long ProducerId, short Epoch)> InitProducerAsync(this RawClient client, string? id)
    {
        for (var attempt = 0; ; attempt++)
        {
            Assert.True(attempt < 400, "the coordinator never answers");
            var (error, producerId, epoch) = await client.InitProducerIdAsync(id);
            if (error is not ((short)ErrorCode.ConcurrentTransactions or (short)ErrorCode.GroupLoadInProgress
                or (short)ErrorCode.GroupCoordinatorNotAvailable or (short)ErrorCode.NotCoordinatorForGroup))
            {
                Assert.Equal(0, error);
                return (producerId, epoch);
            }

            await Task.Delay(50);
        }
    }

    public static async Task<short> AddPartitionAsync(this RawClient client, string id, long producerId, short epoch, string topic)
    {
        for (var attempt = 0; ; attempt++)
        {
            Assert.True(attempt < 400, "the coordinator is busy for ever");
            var answer = await client.CallAsync(24, 0, w => w.String(id).Int64(producerId).Int16(epoch).Int32(1).String(topic).Int32(1).Int32(0));
            answer.Int32();
            answer.Int32();
            answer.String();
            answer.Int32();
            answer.Int32();
            if (answer.Int16() is not (short)ErrorCode.ConcurrentTransactions and var error)
            {
                return error;
            }

            await Task.Delay(50);
        }
    }

    public static async Task<short> EndTxnAsync(this RawClient client, string id, long producerId, short epoch, bool commit)
    {
        var answer = await client.CallAsync(26, 0, w => EndTxn(w, id, producerId, epoch, commit));
        answer.Int32();
        return answer.Int16();
    }

    public static void EndTxn(RawWriter w, string id, long producerId, short epoch, bool commit) =>
        w.String(id).Int64(producerId).Int16(epoch).Int8(commit ? 1 : 0);

    public static async Task<short> ProduceAsync(this RawClient client, string? transactionalId, string topic, byte[] batch)
    {
        var answer = await client.CallAsync(0, 7, w => w.String(transactionalId).Int16(-1).Int32(10_000).Int32(1).String(topic).Int32(1).Int32(0).Bytes(batch));
        answer.Int32();
        answer.String();
        answer.Int32();
        answer.Int32();
        return answer.Int16();
    }

    public static async Task<Joined> JoinAsync(this RawClient client, string group, string member, string? instance = null, int sessionMs = 10_000, int rebalanceMs = 10_000)
    {
        for (var attempt = 0; ; attempt++)
        {
            await client.SendJoinAsync(group, member, instance, sessionMs, rebalanceMs);
            var joined = await client.ReceiveJoinedAsync();
            if (joined.Error is not ((short)ErrorCode.GroupLoadInProgress or (short)ErrorCode.NotCoordinatorForGroup))
            {
                return joined;
            }

            Assert.True(attempt < 400, "the coordinator never loads");
            await Task.Delay(50);
        }
    }

    public static Task SendJoinAsync(this RawClient client, string group, string member, string? instance = null, int sessionMs = 10_000, int rebalanceMs = 10_000) =>
        client.SendAsync(11, 5, w => w.String(group).Int32(sessionMs).Int32(rebalanceMs).String(member).String(instance).String("consumer").Int32(1).String("range").Bytes([0, 0, 0, 0, 0, 0]));

    public static async Task<Joined> ReceiveJoinedAsync(this RawClient client)
    {
        var answer = await client.ReceiveAsync();
        answer.Int32();
        var (error, generation) = (answer.Int16(), answer.Int32());
        answer.String();
        var (leader, member) = (answer.String()!, answer.String()!);
        return new Joined(error, generation, leader, member, answer.Int32());
    }

    /// <summary>Joins as a new member: asks for an id, then joins with it.</summary>
    public static async Task<Joined> JoinNewAsync(this RawClient client, string group, int sessionMs = 10_000, int rebalanceMs = 10_000)
    {
        var first = await client.JoinAsync(group, "", null, sessionMs, rebalanceMs);
        Assert.Equal((short)ErrorCode.MemberIdRequired, first.Error);
        return await client.JoinAsync(group, first.MemberId, null, sessionMs, rebalanceMs);
    }

    public static async Task<(short Error, byte[] Assignment)> SyncAsync(this RawClient client, string group, int generation, string member, params (string Member, byte[] Assignment)[] assignments)
    {
        await client.SendAsync(14, 3, w =>
        {
            w.String(group).Int32(generation).String(member).String(null).Int32(assignments.Length);
            foreach (var (name, assignment) in assignments)
            {
                w.String(name).Bytes(assignment);
            }
        });
        var answer = await client.ReceiveAsync();
        answer.Int32();
        return (answer.Int16(), answer.Bytes());
    }

    public static async Task<short> HeartbeatAsync(this RawClient client, string group, int generation, string member, string? instance = null)
    {
        var answer = await client.CallAsync(12, 3, w => w.String(group).Int32(generation).String(member).String(instance));
        answer.Int32();
        return answer.Int16();
    }

    public static async Task<short> CommitAsync(this RawClient client, string group, int generation, string member, string topic, long offset)
    {
        var answer = await client.CallAsync(8, 7, w => w.String(group).Int32(generation).String(member).String(null)
            .Int32(1).String(topic).Int32(1).Int32(0).Int64(offset).Int32(-1).String(null));
        answer.Int32();
        answer.Int32();
        answer.String();
        answer.Int32();
        answer.Int32();
        return answer.Int16();
    }
}
