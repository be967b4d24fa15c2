using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams.Simulation;

/// <summary>
/// A classic group with static members: generations, rebalances that wait for every member, session time-outs; with the eager range assignor, or a cooperative sticky one,
/// which gives a partition to its next owner only when the last one has joined without it.
/// </summary>
internal sealed class SimGroup(SimBroker broker) : ISimGroup
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
        /// <summary>Cooperative: what it said it owns when it joined.</summary>
        public List<TopicPartitionId> Owned { get; set; } = [];
        public List<TopicPartitionId> Assignment { get; set; } = [];
    }

    public int Generation => generation;
    private Scheduler Scheduler => broker.Scheduler;

    public void Join(SimConsumer client)
    {
        if (client.MemberId.Length > 0 && members.TryGetValue(client.MemberId, out var known))
        {
            known.Joined = true;
            known.Owned = client.Owned;
            if (!rebalancing) Rebalance();
            else CompleteIfAllJoined();
            return;
        }
        if (client.Cooperative && client.MemberId.Length > 0)
        {
            client.ThrownOut = true; // JoinGroup answers UNKNOWN_MEMBER_ID: the assignment is lost before it joins anew
            return;
        }
        var member = new Member($"m{++nextMember}", client) { Joined = true };
        client.MemberId = member.Id;
        if (members.Values.FirstOrDefault(m => client.InstanceId.Length > 0 && m.Client.InstanceId == client.InstanceId) is { } earlier)
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

    public void Leave(SimConsumer client)
    {
        if (!members.Remove(client.MemberId)) return;
        if (rebalancing) CompleteIfAllJoined();
        else if (members.Count > 0) Rebalance();
    }

    public void Expire(SimConsumer client)
    {
        if (!members.Remove(client.MemberId)) return;
        Scheduler.Note($"{client.Instance} is thrown out of the group");
        var id = client.MemberId;
        Heartbeat(client, c => c.ThrownOut |= c.MemberId == id);
        if (rebalancing) CompleteIfAllJoined();
        else if (members.Count > 0) Rebalance();
    }

    public string? Refusal(SimMembership membership)
    {
        if (!members.TryGetValue(membership.MemberId, out _))
            return members.Values.Any(m => m.Client.InstanceId == membership.InstanceId) ? "FENCED_INSTANCE_ID" : "UNKNOWN_MEMBER_ID";
        return membership.Generation == generation ? null : "ILLEGAL_GENERATION";
    }

    public List<TopicPartitionId>? Ownerless(IEnumerable<string> topics) =>
        rebalancing ? null : [.. topics.SelectMany(t => broker.Logs(t)).Select(l => l.Id).Except(members.Values.SelectMany(m => m.Assignment))];

    public void Rebalance()
    {
        rebalancing = true;
        foreach (var member in members.Values.Where(m => !m.Joined).ToList())
            Heartbeat(member.Client, c =>
            {
                if (c.MemberId != member.Id || member.Joined || !rebalancing) return;
                if (c.Cooperative && !c.Settling) Join(c); // by itself, whatever the runtime does meanwhile
                else c.MustRejoin = true;
            });
        CompleteIfAllJoined();
    }

    /// <summary>The client learns something with its next heartbeat; while it is frozen it sends none.</summary>
    private void Heartbeat(SimConsumer client, Action<SimConsumer> learn) => Scheduler.After(client.Instance, Scheduler.Between(0, 1_000), () =>
    {
        if (!client.Gone) learn(client);
    });

    private void CompleteIfAllJoined()
    {
        if (members.Count == 0 || members.Values.Any(m => !m.Joined)) return;
        rebalancing = false;
        generation++;
        var sorted = members.Values.OrderBy(m => m.Client.InstanceId, StringComparer.Ordinal).ThenBy(m => m.Id, StringComparer.Ordinal).ToList();
        if (sorted[0].Client.Cooperative) AssignSticky(sorted);
        else AssignRange(sorted);
        Scheduler.Note($"generation {generation}: {string.Join("; ", sorted.Select(m => $"{m.Client.Instance} {string.Join(",", m.Assignment)}"))}");
        foreach (var member in sorted)
        {
            member.Joined = false;
            member.Client.Given(generation, member.Assignment);
        }
    }

    private void AssignRange(List<Member> sorted)
    {
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
    }

    /// <summary>Everybody keeps what it owns up to its share; what is above is nobody's until the next round, the rest goes where room is.</summary>
    private void AssignSticky(List<Member> sorted)
    {
        var all = sorted[0].Client.Topics.SelectMany(t => broker.Logs(t)).Select(l => l.Id).ToList();
        var claims = sorted.SelectMany(m => m.Owned).ToList();
        if (claims.Distinct().Count() != claims.Count) throw new ViolationException($"two members own the same partition: {string.Join("; ", sorted.Select(m => $"{m.Client.Instance} {string.Join(",", m.Owned)}"))}");
        var free = all.Except(claims).ToList();
        var larger = all.Count % sorted.Count; // so many have one more
        foreach (var member in sorted.OrderByDescending(m => m.Owned.Count))
        {
            var share = all.Count / sorted.Count + (larger-- > 0 ? 1 : 0);
            var kept = member.Owned.ToList();
            while (kept.Count > share) kept.RemoveAt(Scheduler.Random.Next(kept.Count));
            while (kept.Count < share && free.Count > 0)
            {
                var next = Scheduler.Random.Next(free.Count);
                kept.Add(free[next]);
                free.RemoveAt(next);
            }
            member.Assignment = kept;
        }
    }
}

internal sealed record SimMembership(string MemberId, int Generation, string InstanceId);
