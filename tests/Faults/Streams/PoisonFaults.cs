using System.Text;
using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Faults.Streams;

public abstract partial class StreamsFaults
{
    private const int PoisonedEvents = 100_000;
    private const int PoisonedKeys = 1_000;

    private enum Bad { No, BeforeTheCount, AfterTheCount, NeverSucceeds }

    /// <summary>F9: one record in a hundred is poison, before or behind the step that counts, or fails at every attempt: each is a dead letter with cause, position and attempts, and no count knows of it.</summary>
    [Fact]
    public async Task A_thousand_poison_records_among_a_hundred_thousand_are_dead_lettered_and_not_counted()
    {
        const int attempts = 3;
        static Bad KindOf(int number) => (number % 1_000) switch { 42 or 142 or 242 or 342 => Bad.BeforeTheCount, 442 or 542 or 642 or 742 or 842 => Bad.AfterTheCount, 942 => Bad.NeverSucceeds, _ => Bad.No };
        static string Unless(Bad kind, string value, Func<string, Exception> fail) => KindOf(int.Parse(value.Split(':')[0])) == kind ? throw fail(value) : value;
        // keys and bad numbers do not go together: no key is all bad
        static int KeyOf(int number) => (number + number / PoisonedKeys * 7) % PoisonedKeys;
        var (input, output) = (await TopicAsync("in"), await TopicAsync("out"));
        await ProduceAsync(input, Enumerable.Range(0, PoisonedEvents).Select(i => ($"{KeyOf(i)}", $"{i}", 0L)));
        await using var running = await StartAsync(b => b.Stream(input, Text, Text)
            .MapValues(v => Unless(Bad.BeforeTheCount, v, s => new PoisonException($"unlucky {s}")))
            .MapValues(v => Unless(Bad.NeverSucceeds, v, s => new TransientException($"never {s}")))
            .Process<long, string>("counts", Serdes.Int64, (state, value) =>
            {
                state.Put(state.Get() + 1);
                return [$"{value}:{state.Get()}"];
            })
            .MapValues(v => Unless(Bad.AfterTheCount, v, s => new PoisonException($"too late {s.Split(':')[0]}")))
            .To(output, Text, Text), TimeProvider.System, o => (o.MaxAttempts, o.RetryBackoffMs) = (attempts, 10));

        var bad = Enumerable.Range(0, PoisonedEvents).Where(i => KindOf(i) != Bad.No).ToList();
        Assert.Equal(1_000, bad.Count);
        var letters = await ReadAsync(input + ".dlq", bad.Count);
        var read = await ReadAsync(output, PoisonedEvents - bad.Count);
        var found = read.ToLookup(r => int.Parse(r.Message.Key), r => r.Message.Value);
        foreach (var key in Enumerable.Range(0, PoisonedEvents).Where(i => KindOf(i) == Bad.No).GroupBy(KeyOf))
            Assert.Equal(key.Select((number, i) => $"{number}:{i + 1}"), found[key.Key]);
        Assert.Equal(bad, letters.Select(r => int.Parse(r.Message.Value)).Order());
        var inputs = (await ReadAsync(input, PoisonedEvents)).ToDictionary(r => r.Message.Value);
        Assert.All(letters, letter =>
        {
            string Header(string name) => Encoding.UTF8.GetString(letter.Message.Headers.GetLastBytes(name));
            var (source, number) = (inputs[letter.Message.Value], letter.Message.Value);
            var (cause, tries) = KindOf(int.Parse(number)) switch
            {
                Bad.BeforeTheCount => ($"PoisonException: unlucky {number}", 1),
                Bad.AfterTheCount => ($"PoisonException: too late {number}", 1),
                _ => ($"TransientException: never {number}", attempts),
            };
            Assert.Equal((cause, $"{tries}"), (Header("dlq.cause"), Header("dlq.attempts")));
            Assert.Equal((input, $"{source.Partition.Value}", $"{source.Offset.Value}"), (Header("dlq.topic"), Header("dlq.partition"), Header("dlq.offset")));
            Assert.Equal(source.Message.Key, letter.Message.Key);
        });
    }
}
