using StreamPlatform.Broker.Requests;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Groups;

/// <summary>SyncGroup 0-5. 3: group.instance.id. 4: flexible. 5: protocol type and name. The answer waits for the leader's assignment.</summary>
internal sealed class SyncGroupHandler(GroupCoordinator groups) : IRequestHandler
{
    public ApiKey Key => ApiKey.SyncGroup;

    public async ValueTask HandleAsync(RequestContext context, ReadOnlyMemory<byte> body, KafkaWriter response, CancellationToken cancel)
    {
        var request = Parse(context, body);
        var result = request.GroupId.Length == 0 ? new SyncResult(ErrorCode.InvalidGroupId, [])
            : groups.Find(request.GroupId) is { } group ? await SyncAsync(group, request, cancel).ConfigureAwait(false)
            : new SyncResult(ErrorCode.UnknownMemberId, []);
        if (context.Version >= 1)
        {
            response.WriteInt32(0);
        }
        response.WriteError(result.Error);
        if (context.Version >= 5)
        {
            response.WriteNullableString(result.ProtocolType);
            response.WriteNullableString(result.ProtocolName);
        }
        response.WriteBytes(result.Assignment);
        response.WriteEmptyTaggedFields();
    }

    private static async ValueTask<SyncResult> SyncAsync(Group group, SyncRequest request, CancellationToken cancel)
    {
        try
        {
            return await group.Sync(request).WaitAsync(cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            group.AbandonSync(request.MemberId);
            throw;
        }
    }

    private static SyncRequest Parse(RequestContext context, ReadOnlyMemory<byte> body)
    {
        var reader = context.Reader(body);
        var groupId = reader.ReadString();
        var generation = reader.ReadInt32();
        var memberId = reader.ReadString();
        var instanceId = context.Version >= 3 ? reader.ReadNullableString() : null;
        var protocolType = context.Version >= 5 ? reader.ReadNullableString() : null;
        var protocolName = context.Version >= 5 ? reader.ReadNullableString() : null;
        var assignments = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        for (var count = reader.ReadArrayLength(); count > 0; count--)
        {
            assignments[reader.ReadString()] = reader.ReadBytes().ToArray();
            reader.SkipTaggedFields();
        }
        return new SyncRequest(groupId, memberId, instanceId, generation, protocolType, protocolName, assignments);
    }
}
