using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams.Simulation;

/// <summary>What a client and a test see of a group, whatever its protocol.</summary>
internal interface ISimGroup
{
    int Generation { get; }
    /// <summary>A client joins, joins again, or says that it gave up what it had to.</summary>
    void Join(SimConsumer client);
    /// <summary>A dynamic member says goodbye.</summary>
    void Leave(SimConsumer client);
    /// <summary>The session ran out.</summary>
    void Expire(SimConsumer client);
    /// <summary>Why the broker refuses an offset commit; null = it does not.</summary>
    string? Refusal(SimMembership membership);
    /// <summary>What no member has in a stable group; null while it rebalances.</summary>
    List<TopicPartitionId>? Ownerless(IEnumerable<string> topics);
}

/// <summary>
/// A group of the consumer protocol (KIP-848): the broker computes the target, each member comes to it by its own heartbeats, and its epoch moves on without any callback.
/// A partition goes to its next owner when the last one has said that it is given up. Members are dynamic.
/// </summary>
internal sealed class SimConsumerGroup(SimBroker broker) : ISimGroup
{
    private readonly Dictionary<string, Member> members = [];
    private int epoch;
    private int nextMember;

    private sealed class Member(string id, SimConsumer client)
    {
        public string Id { get; } = id;
        public SimConsumer Client { get; } = client;
        public int Epoch { get; set; }
        public List<TopicPartitionId> Target { get; set; } = [];
        public HashSet<TopicPartitionId> Current { get; } = [];
        /// <summary>Told to give up, not acknowledged.</summary>
        public List<TopicPartitionId> Revoking { get; set; } = [];
    }

    public int Generation => epoch;
    private Scheduler Scheduler => broker.Scheduler;

    public void Join(SimConsumer client)
    {
        if (members.TryGetValue(client.MemberId, out var known))
        {
            if (known.Revoking.Count > 0) known.Epoch++; // as CurrentAssignmentBuilder of Apache Kafka 4.0 does: what was sent before is stale, even if more must be given up next
            known.Current.ExceptWith(known.Revoking);
            known.Revoking = [];
            Heartbeat(known);
            return;
        }
        if (client.MemberId.Length > 0)
        {
            client.ThrownOut = true;
            return;
        }
        var member = new Member($"m{++nextMember}", client);
        client.MemberId = member.Id;
        members[member.Id] = member;
        NewTarget();
    }

    public void Leave(SimConsumer client)
    {
        if (members.Remove(client.MemberId)) NewTarget();
    }

    public void Expire(SimConsumer client)
    {
        if (!members.Remove(client.MemberId, out var gone)) return;
        Scheduler.Note($"{client.Instance} is thrown out of the group");
        Scheduler.After(client.Instance, Scheduler.Between(0, 1_000), () => client.ThrownOut |= !client.Gone && client.MemberId == gone.Id);
        NewTarget();
    }

    public string? Refusal(SimMembership membership) =>
        !members.TryGetValue(membership.MemberId, out var member) ? "UNKNOWN_MEMBER_ID" : membership.Generation == member.Epoch ? null : "STALE_MEMBER_EPOCH";

    public List<TopicPartitionId>? Ownerless(IEnumerable<string> topics) => [.. topics.SelectMany(t => broker.Logs(t)).Select(l => l.Id).Except(members.Values.SelectMany(m => m.Current))];

    private void NewTarget()
    {
        epoch++;
        if (members.Count == 0) return;
        var ordered = members.Values.OrderByDescending(m => m.Target.Count).ThenBy(m => m.Id, StringComparer.Ordinal).ToList();
        if (ordered[0].Client.Aligned) TargetRange(ordered);
        else TargetUniform(ordered);
        Scheduler.Note($"group epoch {epoch}: {string.Join("; ", ordered.Select(m => $"{m.Client.Instance} {string.Join(",", m.Target)}"))}");
        foreach (var member in ordered) Heartbeat(member);
    }

    private void TargetRange(List<Member> ordered)
    {
        foreach (var member in ordered) member.Target = [];
        foreach (var log in ordered[0].Client.Topics.SelectMany(t => broker.Logs(t)))
            ordered[log.Id.Partition * ordered.Count / broker.Logs(log.Id.Topic).Count].Target.Add(log.Id);
    }

    /// <summary>Everybody keeps what it has up to its share.</summary>
    private void TargetUniform(List<Member> ordered)
    {
        var all = ordered[0].Client.Topics.SelectMany(t => broker.Logs(t)).Select(l => l.Id).ToList();
        var free = all.Except(ordered.SelectMany(m => m.Target)).ToList();
        var larger = all.Count % ordered.Count;
        var shares = ordered.Select(_ => all.Count / ordered.Count + (larger-- > 0 ? 1 : 0)).ToList();
        for (var i = 0; i < ordered.Count; i++)
            while (ordered[i].Target.Count > shares[i])
            {
                var index = Scheduler.Random.Next(ordered[i].Target.Count);
                free.Add(ordered[i].Target[index]);
                ordered[i].Target.RemoveAt(index);
            }
        for (var i = 0; i < ordered.Count; i++)
            while (ordered[i].Target.Count < shares[i])
            {
                var index = Scheduler.Random.Next(free.Count);
                ordered[i].Target.Add(free[index]);
                free.RemoveAt(index);
            }
    }

    private void Heartbeat(Member member) => Scheduler.After(member.Client.Instance, Scheduler.Between(0, 1_000), () =>
    {
        var client = member.Client;
        if (client.Gone || client.MemberId != member.Id || !members.ContainsKey(member.Id)) return;
        if (client.Settling || member.Revoking.Count > 0) return; // it joins again, which is its acknowledgement
        var surplus = member.Current.Except(member.Target).ToList();
        if (surplus.Count > 0)
        {
            member.Revoking = surplus;
            client.Given(member.Epoch, [.. member.Current.Except(surplus)]); // at its old epoch until it is done
            return;
        }
        member.Epoch = epoch;
        var free = member.Target.Where(p => !members.Values.Any(m => m.Current.Contains(p))).ToList();
        member.Current.UnionWith(free);
        client.Given(epoch, [.. member.Current]);
        if (member.Target.Exists(p => !member.Current.Contains(p)) || client.Settling) Heartbeat(member);
    });
}
