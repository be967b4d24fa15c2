using StreamPlatform.Broker.Requests;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Groups;

/// <summary>
/// JoinGroup 0-9. 1: rebalance timeout. 4: MEMBER_ID_REQUIRED for a member without an id. 5: group.instance.id. 6: flexible. 7: protocol type.
/// 8: reason (ignored). 9: skip-assignment. The answer waits for the next generation; meanwhile other requests of the connection wait, as in Kafka.
/// Deviation: there is no initial rebalance delay, and a first generation waits for members that were just given their ids.
/// </summary>
internal sealed class JoinGroupHandler(GroupCoordinator groups) : IRequestHandler
{
    public ApiKey Key => ApiKey.JoinGroup;

    public async ValueTask HandleAsync(RequestContext context, ReadOnlyMemory<byte> body, KafkaWriter response, CancellationToken cancel)
    {
        var request = Parse(context, body);
        var refusal = Check(request);
        var result = refusal != ErrorCode.None ? new JoinResult(refusal, request.MemberId) : await JoinAsync(request, cancel).ConfigureAwait(false);
        Write(context, response, result);
    }

    private ErrorCode Check(JoinRequest request) =>
        request.GroupId.Length == 0 ? ErrorCode.InvalidGroupId
        : request.SessionTimeoutMs < groups.Options.MinSessionTimeoutMs || request.SessionTimeoutMs > groups.Options.MaxSessionTimeoutMs
            ? ErrorCode.InvalidSessionTimeout
        : request.MemberId.Length > 0 && groups.Find(request.GroupId) is null ? ErrorCode.UnknownMemberId
        : ErrorCode.None;

    private async ValueTask<JoinResult> JoinAsync(JoinRequest request, CancellationToken cancel)
    {
        var group = groups.GetOrAdd(request.GroupId);
        var waiter = group.Join(request);
        try
        {
            return await waiter.Task.WaitAsync(cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            group.AbandonJoin(waiter, knowsItsId: request.MemberId.Length > 0);
            throw;
        }
    }

    private static JoinRequest Parse(RequestContext context, ReadOnlyMemory<byte> body)
    {
        var reader = context.Reader(body);
        var groupId = reader.ReadString();
        var sessionTimeoutMs = reader.ReadInt32();
        var rebalanceTimeoutMs = context.Version >= 1 ? reader.ReadInt32() : sessionTimeoutMs;
        var memberId = reader.ReadString();
        var instanceId = context.Version >= 5 ? reader.ReadNullableString() : null;
        var protocolType = reader.ReadString();
        var protocols = new GroupProtocol[reader.ReadArrayLength()];
        for (var i = 0; i < protocols.Length; i++)
        {
            protocols[i] = new GroupProtocol(reader.ReadString(), reader.ReadBytes().ToArray());
            reader.SkipTaggedFields();
        }
        return new JoinRequest(
            groupId, memberId, instanceId, context.ClientId ?? "", context.ClientHost, sessionTimeoutMs, Math.Max(0, rebalanceTimeoutMs), protocolType, protocols,
            NeedsKnownMemberId: context.Version >= 4, CanSkipAssignment: context.Version >= 9);
    }

    private static void Write(RequestContext context, KafkaWriter response, JoinResult result)
    {
        if (context.Version >= 2)
        {
            response.WriteInt32(0);
        }
        response.WriteError(result.Error);
        response.WriteInt32(result.Generation);
        if (context.Version >= 7)
        {
            response.WriteNullableString(result.ProtocolType);
            response.WriteNullableString(result.ProtocolName);
        }
        else
        {
            response.WriteString(result.ProtocolName ?? "");
        }
        response.WriteString(result.Leader);
        if (context.Version >= 9)
        {
            response.WriteBool(result.SkipAssignment);
        }
        response.WriteString(result.MemberId);
        var members = result.Members ?? [];
        response.WriteArrayLength(members.Count);
        foreach (var member in members)
        {
            response.WriteString(member.Id);
            if (context.Version >= 5)
            {
                response.WriteNullableString(member.InstanceId);
            }
            response.WriteBytes(member.Metadata);
            response.WriteEmptyTaggedFields();
        }
        response.WriteEmptyTaggedFields();
    }
}
