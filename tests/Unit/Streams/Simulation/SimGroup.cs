using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams.Simulation;

/// <summary>A classic group with static members and the eager range assignor: generations, rebalances that wait for every member, session time-outs.</summary>
internal sealed class SimGroup(SimBroker broker)
{
    private readonly Dictionary<string, Member> members = [];
    private bool rebalancing;
    private int generation;
    private int nextMember;

    private sealed class Member(string id, SimConsumer client)
    {
        public string Id { get; } = id;
        public SimConsumer Client { get; } = client;
        public bool Joined { get; set; }
        public List<TopicPartitionId> Assignment { get; set; } = [];
    }

    public int Generation => generation;
    private Scheduler Scheduler => broker.Scheduler;

    public void Join(SimConsumer client)
    {
        if (client.MemberId.Length > 0 && members.TryGetValue(client.MemberId, out var known))
        {
            known.Joined = true;
            if (!rebalancing) Rebalance();
            else CompleteIfAllJoined();
            return;
        }
        var member = new Member($"m{++nextMember}", client) { Joined = true };
        client.MemberId = member.Id;
        if (members.Values.FirstOrDefault(m => m.Client.InstanceId == client.InstanceId) is { } earlier)
        {
            // a static member comes back: it takes its place, and in a stable group its assignment, without a rebalance
            members.Remove(earlier.Id);
            Heartbeat(earlier.Client, c => c.FencedInstance = true);
            member.Assignment = earlier.Assignment;
            members[member.Id] = member;
            if (rebalancing) { CompleteIfAllJoined(); return; }
            member.Joined = false;
            client.Given(generation, member.Assignment);
            return;
        }
        members[member.Id] = member;
        if (rebalancing) CompleteIfAllJoined();
        else Rebalance();
    }

    /// <summary>The session ran out.</summary>
    public void Expire(SimConsumer client)
    {
        if (!members.Remove(client.MemberId)) return;
        Scheduler.Note($"{client.Instance} is thrown out of the group");
        Heartbeat(client, c => c.ThrownOut = true);
        if (rebalancing) CompleteIfAllJoined();
        else if (members.Count > 0) Rebalance();
    }

    /// <summary>Why the broker refuses an offset commit; null = it does not.</summary>
    public string? Refusal(SimMembership membership)
    {
        if (!members.TryGetValue(membership.MemberId, out _))
            return members.Values.Any(m => m.Client.InstanceId == membership.InstanceId) ? "FENCED_INSTANCE_ID" : "UNKNOWN_MEMBER_ID";
        return membership.Generation == generation ? null : "ILLEGAL_GENERATION";
    }

    public void Rebalance()
    {
        rebalancing = true;
        foreach (var member in members.Values.Where(m => !m.Joined).ToList()) Heartbeat(member.Client, c => c.MustRejoin |= c.MemberId == member.Id && !member.Joined && rebalancing);
        CompleteIfAllJoined();
    }

    /// <summary>The client learns something with its next heartbeat; while it is frozen it sends none.</summary>
    private void Heartbeat(SimConsumer client, Action<SimConsumer> learn) => Scheduler.After(client.Instance, Scheduler.Between(0, 1_000), () => learn(client));

    private void CompleteIfAllJoined()
    {
        if (members.Count == 0 || members.Values.Any(m => !m.Joined)) return;
        rebalancing = false;
        generation++;
        var sorted = members.Values.OrderBy(m => m.Client.InstanceId, StringComparer.Ordinal).ToList();
        foreach (var member in sorted) member.Assignment = [];
        foreach (var topic in sorted[0].Client.Topics)
        {
            var count = broker.Logs(topic).Count;
            for (int i = 0, from = 0; i < sorted.Count; i++)
            {
                var take = count / sorted.Count + (i < count % sorted.Count ? 1 : 0);
                for (var p = from; p < from + take; p++) sorted[i].Assignment.Add(new(topic, p));
                from += take;
            }
        }
        Scheduler.Note($"generation {generation}: {string.Join("; ", sorted.Select(m => $"{m.Client.Instance} {string.Join(",", m.Assignment)}"))}");
        foreach (var member in sorted)
        {
            member.Joined = false;
            member.Client.Given(generation, member.Assignment);
        }
    }
}

internal sealed record SimMembership(string MemberId, int Generation, string InstanceId);
