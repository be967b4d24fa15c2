using System.Text;
using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Conformance.Streams;

public abstract partial class StreamsSuite
{
    [Fact]
    public async Task Dead_letters_are_chosen_replayed_to_their_topic_once_and_marked()
    {
        var (input, output) = (await Topic("in"), await Topic("out"));
        var broken = true;
        await using var application = await Start(b => b.Stream(input, Text, Text)
            .MapValues((c, v) => Volatile.Read(ref broken) && c.Key is "key1" or "key2" ? throw new PoisonException($"no {c.Key}") : v).To(output, Text, Text));
        await Produce(input, Numbers(100, 10), 1_700_000_000_000);
        await Until(output, 80, application);
        await Until(StreamPlatform.Streams.Topology.DeadLetterTopicOf(input), 20, application);
        Volatile.Write(ref broken, false);

        var letters = new DeadLetterReplay(broker.BootstrapServers);
        Assert.Contains(input, letters.Topics());
        var listed = letters.List(input);
        Assert.Equal(20, listed.Count);
        Assert.All(listed, l => Assert.Equal((input, app, 1_700_000_000_000, 1), (l.Topic, l.Application, l.EventTimeMs, l.Attempts)));
        Assert.Empty(letters.List(input, new() { UntilMs = listed.Min(l => l.DeadAtMs) }));

        var replayed = letters.Replay(input, new() { Cause = "NO KEY1" });
        Assert.Equal(10, replayed.Count);
        Assert.All(replayed, l => Assert.Equal("key1", l.KeyText));
        var read = await Until(output, 90, application);
        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"{10 * i + 1}"), read.Where(r => r.Message.Key == "key1").OrderBy(r => r.Offset.Value).Select(r => r.Message.Value));
        var again = ReadAll(input).Where(r => r.Message.Headers?.TryGetLastBytes("dlq.replay", out _) == true).ToList();
        Assert.Equal(10, again.Count);
        Assert.All(again, r => Assert.Equal(replayed[0].ReplayedBy, Encoding.UTF8.GetString(r.Message.Headers.GetLastBytes("dlq.replay"))));
        Assert.All(again, r => Assert.Equal(1_700_000_000_000, r.Message.Timestamp.UnixTimestampMs));

        Assert.Empty(letters.Replay(input, new() { Key = "key1", IncludeReplayed = true })); // done is done
        Assert.Equal(10, letters.List(input).Count);
        Assert.Equal(20, letters.List(input, new() { IncludeReplayed = true }).Count);
        Assert.Equal(10, letters.Replay(input).Count);
        Assert.Equal(100, (await Until(output, 100, application)).Select(r => r.Message.Value).Distinct().Count());
        Assert.Equal(100, ReadAll(output).Count);
        Assert.Throws<StreamsConfigurationException>(() => letters.List(output));
    }
}
