using System.Text;
using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams.Simulation;

/// <summary>The shapes of topology the simulation draws from.</summary>
internal enum Shape { AsyncThenCount, CountThenAsync, Count, Map, AsyncMap, AsyncFlatMap }

/// <summary>Numbered events over a few keys, the topology they go through, and what must come out. Every <see cref="PoisonEvery"/>th event is poison.</summary>
internal sealed class Workload
{
    public const string Application = "sim";
    public const string Input = "in";
    public const string Output = "out";
    private const string Store = "counts";
    private const int PoisonEvery = 17;
    private static readonly ISerde<string> Text = Serdes.Utf8;
    private readonly Scheduler scheduler;
    private readonly Faults faults;
    private int fed;

    public Workload(Scheduler scheduler, Faults faults)
    {
        this.scheduler = scheduler; this.faults = faults;
        Shape = (Shape)scheduler.Random.Next(6);
        Partitions = scheduler.Between(1, 5);
        Keys = scheduler.Between(1, 6);
        Events = scheduler.Between(20, 120);
    }

    public Shape Shape { get; }
    public int Partitions { get; }
    public int Keys { get; }
    public int Events { get; }
    public bool Fed => fed == Events;
    private bool Counts => Shape is Shape.AsyncThenCount or Shape.CountThenAsync or Shape.Count;

    public StreamPlatform.Streams.Topology Build(Instance instance)
    {
        var builder = new StreamsBuilder(Application);
        var source = builder.Stream(Input, Text, Text).MapValues(v => int.Parse(v) % PoisonEvery == 5 ? throw new PoisonException("unlucky") : v);
        IKStream<string, string> Counted(IKStream<string, string> stream) => stream.Process<string, string>(Store, Text, (state, v) =>
        {
            var count = int.Parse(state.Get() ?? "0") + 1;
            state.Put($"{count}");
            return [$"{v}:{count}"];
        });
        var end = Shape switch
        {
            Shape.AsyncThenCount => Counted(source.MapAsync("work", (_, v, _) => Work(instance, v))),
            Shape.CountThenAsync => Counted(source).MapAsync("work", (_, v, _) => Work(instance, v)),
            Shape.Count => Counted(source),
            Shape.Map => source,
            Shape.AsyncMap => source.MapAsync("work", (_, v, _) => Work(instance, v)),
            _ => source.FlatMapValues(v => new[] { v + "a", v + "b" }).MapAsync("work", (_, v, _) => Work(instance, v)),
        };
        end.To(Output, Text, Text);
        return builder.Build();
    }

    /// <summary>Takes its virtual time, fails now and then.</summary>
    private async Task<string> Work(Instance instance, string value)
    {
        var ms = scheduler.Chance(0.3) ? 0 : scheduler.Between(0, faults.StepMaxMs);
        if (ms > 0)
        {
            var slept = new TaskCompletionSource();
            scheduler.After(instance, ms, slept.SetResult);
            await slept.Task.ConfigureAwait(false);
        }
        return scheduler.Chance(faults.StepTransient) ? throw new TransientException("injected") : value;
    }

    /// <summary>Writes the events to the input, in bursts and drops.</summary>
    public void Feed(SimBroker broker)
    {
        while (fed < Events)
        {
            var key = $"k{scheduler.Random.Next(Keys)}";
            broker.Log(new(Input, PartitionOf(key))).Append(new OutputRecord(Input, 0, -1, Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes($"{fed}"), null), null, scheduler.NowMs);
            fed++;
            scheduler.Sleep(scheduler.Chance(0.05) ? scheduler.Between(0, 4_000) : scheduler.Between(0, 10));
        }
    }

    private int PartitionOf(string key) => int.Parse(key[1..]) % Partitions;

    public bool Done(SimBroker broker) => Fed && broker.Logs(Input).All(log => log.High == 0 || broker.Offset(log.Id) == log.High);

    /// <summary>Per key: none lost, none twice, order kept, state as the model's; progress as the group's offsets.</summary>
    public void Check(SimBroker broker, ProcessingGuarantee guarantee)
    {
        var inputs = broker.Logs(Input).SelectMany(l => l.Committed()).Select(r => (Key: Encoding.UTF8.GetString(r.Key!), Value: Encoding.UTF8.GetString(r.Value!), r.Partition)).ToList();
        var exactly = guarantee == ProcessingGuarantee.ExactlyOnce;
        var letters = broker.Logs(StreamPlatform.Streams.Topology.DeadLetterTopicOf(Input)).SelectMany(l => l.Committed()).Select(r => Encoding.UTF8.GetString(r.Value!)).ToList();
        Compare("dead letters", inputs.Where(i => Poison(i.Value)).Select(i => i.Value).Order(), letters.Order(), exactly);
        foreach (var key in inputs.GroupBy(i => i.Key))
        {
            var good = key.Where(i => !Poison(i.Value)).Select(i => i.Value).ToList();
            var wanted = Counts ? good.Select((v, i) => $"{v}:{i + 1}") : Shape == Shape.AsyncFlatMap ? good.SelectMany(v => new[] { v + "a", v + "b" }) : good;
            var found = broker.Logs(Output).SelectMany(l => l.Committed()).Where(r => Encoding.UTF8.GetString(r.Key!) == key.Key).Select(r => Encoding.UTF8.GetString(r.Value!));
            if (!exactly && Counts) (wanted, found) = (good, found.Select(f => f.Split(':')[0])); // a count may count twice
            Compare($"outputs of {key.Key}", wanted, found, exactly);
        }
        if (Counts && exactly) CheckState(broker, inputs.Where(i => !Poison(i.Value)).GroupBy(i => i.Key).ToDictionary(g => g.Key, g => $"{g.Count()}"));
        if (exactly) CheckProgress(broker);
    }

    private static bool Poison(string value) => int.Parse(value) % PoisonEvery == 5;

    private static void Compare(string what, IEnumerable<string> wanted, IEnumerable<string> found, bool exactly)
    {
        // at least once: a delivery that failed is repeated behind what followed it
        var (w, f) = exactly ? (wanted.ToList(), found.ToList()) : (wanted.Order().ToList(), found.Distinct().Order().ToList());
        if (!w.SequenceEqual(f))
            throw new ViolationException($"{what}: lost [{string.Join(" ", w.Except(f))}], wrong or twice [{string.Join(" ", f.Except(w).Concat(f.GroupBy(v => v).Where(g => g.Count() > 1).Select(g => g.Key)))}]\n wanted {string.Join(" ", w)}\n found  {string.Join(" ", f)}");
    }

    private static void CheckState(SimBroker broker, Dictionary<string, string> model)
    {
        var state = new Dictionary<string, string>();
        foreach (var record in broker.Logs(StreamPlatform.Streams.Topology.ChangelogTopicOf(Application, Store)).SelectMany(l => l.Committed()))
            state[ChangelogKey.Read(record.Key).Key] = Encoding.UTF8.GetString(record.Value!);
        Compare("state", model.Select(m => $"{m.Key}={m.Value}").Order(), state.Select(m => $"{m.Key}={m.Value}").Order(), exactly: true);
    }

    private static void CheckProgress(SimBroker broker)
    {
        foreach (var log in broker.Logs(Input).Where(l => l.High > 0))
        {
            var restored = new Dictionary<string, Progress.Restored>();
            foreach (var record in broker.Log(new(StreamPlatform.Streams.Topology.ProgressTopicOf(Application), log.Id.Partition)).Committed()) TaskRestore.Progress(restored, record);
            var found = restored.GetValueOrDefault(Input);
            if (found?.Base != log.High || found.Chunks.Count > 0)
                throw new ViolationException($"progress of {log.Id} is {found?.Base} with {found?.Chunks.Count} chunks, all {log.High} are done and the group says {broker.Offset(log.Id)}");
        }
    }
}
