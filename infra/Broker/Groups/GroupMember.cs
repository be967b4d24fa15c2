namespace StreamPlatform.Broker.Groups;

/// <summary>One assignor a member offers, with its subscription in the assignor's own encoding.</summary>
internal sealed record GroupProtocol(string Name, byte[] Metadata);

/// <summary>A member of a group. Owned by its group's lock.</summary>
internal sealed class GroupMember(string id, string? instanceId)
{
    public string Id { get; } = id;
    /// <summary>group.instance.id of a static member; null for a dynamic one.</summary>
    public string? InstanceId { get; } = instanceId;
    public string ClientId { get; set; } = "";
    public string ClientHost { get; set; } = "";
    public int SessionTimeoutMs { get; set; }
    public int RebalanceTimeoutMs { get; set; }
    public IReadOnlyList<GroupProtocol> Protocols { get; set; } = [];
    public byte[] Assignment { get; set; } = [];
    /// <summary>Monotonic time at which the session ends unless the member is heard of.</summary>
    public long DeadlineMs { get; set; }
    public TaskCompletionSource<JoinResult>? JoinWaiter { get; set; }
    public TaskCompletionSource<SyncResult>? SyncWaiter { get; set; }
    /// <summary>False from the start of a generation until the member asks for its assignment.</summary>
    public bool Synced { get; set; }

    public bool IsStatic => InstanceId is not null;
    /// <summary>A member that waits for an answer cannot send heartbeats: its session does not run.</summary>
    public bool IsWaiting => JoinWaiter is not null || SyncWaiter is not null;

    public byte[] MetadataFor(string? protocol)
    {
        foreach (var offered in Protocols)
        {
            if (offered.Name == protocol)
            {
                return offered.Metadata;
            }
        }
        return [];
    }

    public bool Offers(IReadOnlyList<GroupProtocol> protocols) =>
        Protocols.Count == protocols.Count
        && Protocols.Zip(protocols).All(pair => pair.First.Name == pair.Second.Name && pair.First.Metadata.AsSpan().SequenceEqual(pair.Second.Metadata));
}
