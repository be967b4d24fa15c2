using StreamPlatform.Broker.Requests;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Groups;

/// <summary>DeleteGroups 0-2. 2: flexible. Only groups without members and without offsets in an open transaction.</summary>
internal sealed class DeleteGroupsHandler(GroupCoordinator groups) : IRequestHandler
{
    public ApiKey Key => ApiKey.DeleteGroups;

    public async ValueTask HandleAsync(RequestContext context, ReadOnlyMemory<byte> body, KafkaWriter response, CancellationToken cancel)
    {
        var names = context.Reader(body).ReadStringArray();
        var errors = new ErrorCode[names.Length];
        for (var i = 0; i < names.Length; i++)
        {
            errors[i] = names[i].Length == 0 ? ErrorCode.InvalidGroupId : await groups.DeleteAsync(names[i]).ConfigureAwait(false);
        }
        response.WriteInt32(0);
        response.WriteArrayLength(names.Length);
        for (var i = 0; i < names.Length; i++)
        {
            response.WriteString(names[i]);
            response.WriteError(errors[i]);
            response.WriteEmptyTaggedFields();
        }
        response.WriteEmptyTaggedFields();
    }
}
