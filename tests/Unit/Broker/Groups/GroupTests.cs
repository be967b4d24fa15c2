using StreamPlatform.Broker.Groups;
using StreamPlatform.Broker.Storage;
using StreamPlatform.Broker.Wire;
using StreamPlatform.Tests.Unit.Gateway;

namespace StreamPlatform.Tests.Unit.Broker.Groups;

public sealed class GroupTests : IDisposable
{
    private readonly ManualTime time = new();
    private readonly SavedGroups saved = new();
    private readonly Group group;

    public GroupTests() => group = new Group("g", time, new GroupOptions(), saved);

    public void Dispose() => group.Dispose();

    [Fact]
    public async Task A_session_ends_exactly_when_its_time_is_over()
    {
        var member = await StableMemberAsync(sessionMs: 10_000);
        time.Advance(TimeSpan.FromMilliseconds(9_000));
        Assert.Equal(ErrorCode.None, group.Heartbeat(member));
        time.Advance(TimeSpan.FromMilliseconds(9_999));
        Assert.Equal(GroupState.Stable, group.Summary().State);

        time.Advance(TimeSpan.FromMilliseconds(2));

        Assert.Equal(GroupState.Empty, group.Summary().State);
        Assert.Equal(ErrorCode.UnknownMemberId, group.Heartbeat(member));
    }

    [Fact]
    public async Task An_id_handed_out_and_never_used_holds_a_rebalance_up_only_for_its_session()
    {
        var promised = await group.Join(Request("", needsId: true)).Task;
        Assert.Equal(ErrorCode.MemberIdRequired, promised.Error);
        var other = group.Join(Request("", needsId: false));
        Assert.False(other.Task.IsCompleted);

        time.Advance(TimeSpan.FromMilliseconds(10_001));

        Assert.Equal(1, (await other.Task).Generation);
    }

    [Fact]
    public async Task A_member_that_waits_for_others_keeps_its_session()
    {
        var member = await StableMemberAsync(sessionMs: 60_000);
        var joining = group.Join(Request("", needsId: false, sessionMs: 6_000));
        time.Advance(TimeSpan.FromMilliseconds(20_000));
        Assert.False(joining.Task.IsCompleted);
        Assert.Equal(ErrorCode.RebalanceInProgress, group.Heartbeat(member));

        group.Join(Request(member.MemberId, needsId: false, sessionMs: 60_000));

        Assert.Equal(2, (await joining.Task).Generation);
    }

    [Fact]
    public async Task A_client_that_leaves_while_joining_without_an_id_is_dropped()
    {
        await StableMemberAsync(sessionMs: 10_000);
        var joining = group.Join(Request("", needsId: false));

        group.AbandonJoin(joining, knowsItsId: false);

        Assert.Single(group.Describe().Members);
    }

    [Fact]
    public async Task A_restored_group_goes_on_in_its_generation()
    {
        var member = await StableMemberAsync(sessionMs: 10_000);
        using var restored = new Group("g", time, new GroupOptions(), saved);
        var bytes = OffsetsRecords.GroupValue(saved.Last!);

        restored.Restore(OffsetsRecords.ReadGroup("g", bytes));
        restored.StartSessions();

        Assert.Equal(ErrorCode.None, restored.Heartbeat(member));
        time.Advance(TimeSpan.FromMilliseconds(10_001));
        Assert.Equal(ErrorCode.UnknownMemberId, restored.Heartbeat(member));
    }

    [Fact]
    public void Of_two_commits_the_later_in_the_log_wins_whatever_the_order_of_their_answers()
    {
        var partition = new PartitionKey("t", 0);
        group.Apply(partition, new CommittedOffset(20, -1, "", 0, LogOffset: 8));
        group.Apply(partition, new CommittedOffset(10, -1, "", 0, LogOffset: 7));

        Assert.Equal(20, group.FindOffset(partition).Offset?.Offset);
    }

    [Fact]
    public void Pending_offsets_are_unstable_until_they_are_committed_or_dropped()
    {
        var partition = new PartitionKey("t", 0);
        group.ApplyPending(5, partition, new CommittedOffset(10, -1, "", 0, 1));
        Assert.Equal((null, true), group.FindOffset(partition));
        Assert.Equal(ErrorCode.NonEmptyGroup, group.TryKill(evenWithOffsets: true, _ => default, out _));

        group.EndPending(5, commit: false);
        Assert.Equal((null, false), group.FindOffset(partition));
        group.ApplyPending(5, partition, new CommittedOffset(11, -1, "", 0, 2));
        group.EndPending(5, commit: true);

        Assert.Equal(11, group.FindOffset(partition).Offset?.Offset);
    }

    [Fact]
    public async Task Offsets_expire_only_while_nobody_is_in_the_group()
    {
        var partition = new PartitionKey("t", 0);
        var member = await StableMemberAsync(sessionMs: 1_800_000);
        group.Apply(partition, new CommittedOffset(1, -1, "", time.GetUtcNow().ToUnixTimeMilliseconds(), 1));
        var week = new GroupOptions().OffsetsRetentionMs;
        Assert.Empty(group.Expired(time.GetUtcNow().ToUnixTimeMilliseconds() + week + 1));

        group.Leave(member.MemberId, null);

        var left = time.GetUtcNow().ToUnixTimeMilliseconds();
        Assert.Empty(group.Expired(left + week - 1));
        Assert.Equal([partition], group.Expired(left + week));
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("a", 97)]
    [InlineData("hello", 99162322)]
    [InlineData("polygenelubricants", 0)] // Java's hash is int.MinValue
    public void Java_hash_matches_java(string text, int expected) => Assert.Equal(expected, JavaHash.Of(text));

    private async Task<MemberIdentity> StableMemberAsync(int sessionMs)
    {
        var joined = await group.Join(Request("", needsId: false, sessionMs)).Task;
        await group.Sync(new SyncRequest("g", joined.MemberId, null, joined.Generation, null, null, new Dictionary<string, byte[]>()));
        return new MemberIdentity(joined.MemberId, null, joined.Generation);
    }

    private static JoinRequest Request(string member, bool needsId, int sessionMs = 10_000) =>
        new("g", member, null, "client", "/127.0.0.1", sessionMs, 60_000, "consumer", [new GroupProtocol("range", [0, 0])], needsId, true);

    private sealed class SavedGroups : IGroupLog
    {
        public GroupSnapshot? Last { get; private set; }

        public void SaveGroup(GroupSnapshot snapshot) => Last = snapshot;
    }
}
