using StreamPlatform.Broker.Requests;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Groups;

/// <summary>ListGroups 0-4. 3: flexible. 4: filter by state, and the state of each group.</summary>
internal sealed class ListGroupsHandler(GroupCoordinator groups) : IRequestHandler
{
    public ApiKey Key => ApiKey.ListGroups;

    public ValueTask HandleAsync(RequestContext context, ReadOnlyMemory<byte> body, KafkaWriter response, CancellationToken cancel)
    {
        var reader = context.Reader(body);
        var wanted = context.Version >= 4 ? reader.ReadStringArray() : [];
        var listed = groups.Groups
            .Select(g => (g.Id, Summary: g.Summary()))
            .Where(g => g.Summary.State != GroupState.Dead)
            .Where(g => wanted.Length == 0 || wanted.Contains(g.Summary.State.ToString(), StringComparer.OrdinalIgnoreCase))
            .OrderBy(g => g.Id, StringComparer.Ordinal)
            .ToList();
        if (context.Version >= 1)
        {
            response.WriteInt32(0);
        }
        response.WriteError(ErrorCode.None);
        response.WriteArrayLength(listed.Count);
        foreach (var (id, (state, protocolType)) in listed)
        {
            response.WriteString(id);
            response.WriteString(protocolType);
            if (context.Version >= 4)
            {
                response.WriteString(state.ToString());
            }
            response.WriteEmptyTaggedFields();
        }
        response.WriteEmptyTaggedFields();
        return ValueTask.CompletedTask;
    }
}
