using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Conformance.Streams;

public abstract partial class StreamsSuite
{
    private async Task<string> DeadLettered(int letters)
    {
        var (input, output) = (await Topic("in"), await Topic("out"));
        await using var application = await Start(b => b.Stream(input, Text, Text).MapValues<string>(_ => throw new PoisonException("no")).To(output, Text, Text));
        await Produce(input, Numbers(letters, Keys));
        await Until(StreamPlatform.Streams.Topology.DeadLetterTopicOf(input), letters, application);
        return input;
    }

    private void AssertReplayedOnce(string input, int letters)
    {
        Assert.Equal(Enumerable.Range(0, letters), ReadAll(input).Where(r => r.Message.Headers?.TryGetLastBytes("dlq.replay", out _) == true)
            .Select(r => int.Parse(r.Message.Value)).Order());
        Assert.All(new DeadLetterReplay(broker.BootstrapServers).List(input, new() { IncludeReplayed = true }), l => Assert.NotNull(l.ReplayedBy));
    }

    [Fact]
    public async Task Of_two_replays_at_a_time_the_second_fences_the_first_and_each_letter_goes_once()
    {
        var input = await DeadLettered(100);
        IReadOnlyList<DeadLetterEntry> overtaking = [];
        var faults = new FaultyTransport(new ConfluentTransport());
        faults.BeforeCommit = () =>
        {
            faults.BeforeCommit = null;
            overtaking = new DeadLetterReplay(broker.BootstrapServers).Replay(input);
        };
        var error = Assert.Throws<TransportException>(() => new DeadLetterReplay(broker.BootstrapServers, transport: faults).Replay(input));
        Assert.Equal(TransportFailure.Fatal, error.Failure);
        Assert.Equal(100, overtaking.Count);
        AssertReplayedOnce(input, 100);
        Assert.Empty(new DeadLetterReplay(broker.BootstrapServers).Replay(input));
        AssertReplayedOnce(input, 100);
    }

    [Fact]
    public async Task A_replay_that_crashed_in_between_is_repeated_for_the_rest()
    {
        const int letters = 1_300; // more than one transaction
        var input = await DeadLettered(letters);
        var commits = 0;
        var faults = new FaultyTransport(new ConfluentTransport());
        faults.BeforeCommit = () =>
        {
            if (++commits == 2) throw new TransportException(TransportFailure.Fatal, "crashed, injected");
        };
        Assert.Throws<TransportException>(() => new DeadLetterReplay(broker.BootstrapServers, transport: faults).Replay(input));
        Assert.Equal(2, commits);
        Assert.Equal(300, new DeadLetterReplay(broker.BootstrapServers).Replay(input).Count);
        AssertReplayedOnce(input, letters);
    }
}
