using System.Text;
using StreamPlatform.Streams;
using StreamPlatform.Tests.Unit.Streams.Simulation.Shapes;

namespace StreamPlatform.Tests.Unit.Streams.Simulation;

/// <summary>Numbered events over a few keys, the topology they go through, and what must come out of it. Every kind of topology is a file in Shapes.</summary>
internal abstract class Workload
{
    public const string Application = "sim";
    public const string Input = "in";
    public const string Output = "out";
    private const int PoisonEvery = 17;
    protected static readonly ISerde<string> Text = Serdes.Utf8;
    private IReadOnlyList<string>? followed;
    private int fed;

    protected Workload(Scheduler scheduler, Faults faults)
    {
        Scheduler = scheduler; Faults = faults;
        Partitions = scheduler.Between(1, 5);
        Keys = scheduler.Between(1, 6);
        Events = scheduler.Between(20, 120);
    }

    /// <summary>The shape of a seed.</summary>
    public static Workload Draw(Scheduler scheduler, Faults faults) => scheduler.Random.Next(12) switch
    {
        0 or 1 => new WindowShape(scheduler, faults),
        2 => new StreamTableShape(scheduler, faults),
        3 => new TableShape(scheduler, faults),
        4 => new StreamJoinShape(scheduler, faults),
        5 => new RepartitionShape(scheduler, faults),
        6 or 7 => new RetryShape(scheduler, faults),
        8 => new SinkShape(scheduler, faults),
        9 => new OrderShape(scheduler, faults),
        _ => new PlainShape(scheduler, faults),
    };

    public abstract string Name { get; }
    public int Partitions { get; }
    public int Keys { get; }
    public int Events { get; }
    /// <summary>Topics that exist before the first start, with <see cref="Partitions"/>.</summary>
    public virtual IReadOnlyList<string> Topics => [Input, Output];
    /// <summary>What comes out under at least once can be judged, too.</summary>
    public virtual bool AtLeastOnceToo => false;
    protected Scheduler Scheduler { get; }
    protected Faults Faults { get; }

    public virtual void Configure(StreamsOptions options) { }
    protected abstract void Build(StreamsBuilder builder, Instance instance);

    /// <summary>What does not hold (yet); each starts with what it is about.</summary>
    protected abstract IEnumerable<string?> Problems(SimBroker broker, bool exactly);

    /// <summary>What is there before the first instance starts.</summary>
    public virtual void Prepare(SimBroker broker) { }

    public StreamPlatform.Streams.Topology Build(Instance instance)
    {
        var builder = new StreamsBuilder(Application);
        Build(builder, instance);
        var topology = builder.Build();
        followed ??= [.. topology.Subs.SelectMany(s => s.Sources).Where(s => !s.IsPassive).Select(s => s.Topic)];
        return topology;
    }

    /// <summary>Writes the events, in bursts and drops.</summary>
    public void Feed(SimBroker broker)
    {
        while (fed < Events)
        {
            FeedOne(broker, fed);
            fed++;
            Scheduler.Sleep(PauseMs());
        }
    }

    protected virtual void FeedOne(SimBroker broker, int number) => Append(broker, Input, AnyKey(), $"{number}");

    /// <summary>Until the next event.</summary>
    protected virtual int PauseMs() => Scheduler.Chance(0.05) ? Scheduler.Between(0, 4_000) : Scheduler.Between(0, 10);

    protected string AnyKey() => $"k{Scheduler.Random.Next(Keys)}";

    /// <param name="timestampMs">-1 = now.</param>
    protected void Append(SimBroker broker, string topic, string key, string? value, long timestampMs = -1)
    {
        broker.Log(new(topic, int.Parse(key[1..]) % Partitions))
            .Append(new OutputRecord(topic, 0, timestampMs, Encoding.UTF8.GetBytes(key), value is null ? null : Encoding.UTF8.GetBytes(value), null), null, Scheduler.NowMs);
    }

    /// <summary>All is read, committed, and as it must be.</summary>
    public bool Done(SimBroker broker, ProcessingGuarantee guarantee) => fed == Events && Unread(broker).Count == 0 && Problem(broker, guarantee) is null;

    /// <summary>What is wrong, for an error message.</summary>
    public string? Problem(SimBroker broker, ProcessingGuarantee guarantee) =>
        Problems(broker, guarantee == ProcessingGuarantee.ExactlyOnce).FirstOrDefault(p => p is not null) ?? (guarantee == ProcessingGuarantee.ExactlyOnce ? WrongProgress(broker) : null);

    /// <summary>Followed partitions that hold a committed record, or may come to, which the group has not passed.</summary>
    public List<string> Unread(SimBroker broker) =>
        [.. followed!.Where(t => broker.Topics.ContainsKey(t)).SelectMany(t => broker.Logs(t)).Where(l => !Passed(broker, l)).Select(l => $"{l.Id} {broker.Offset(l.Id)} of {l.High}")];

    private static bool Passed(SimBroker broker, SimLog log)
    {
        var at = broker.Offset(log.Id) ?? 0;
        return log.OpenTransactions.Count == 0 && log.Next(ref at) is null;
    }

    /// <summary>Progress says what the group's offsets say, and nothing beyond.</summary>
    private string? WrongProgress(SimBroker broker)
    {
        foreach (var log in followed!.SelectMany(t => broker.Logs(t)).Where(l => l.Committed().Any()))
        {
            var restored = new Dictionary<string, Progress.Restored>();
            foreach (var record in broker.Log(new(StreamPlatform.Streams.Topology.ProgressTopicOf(Application), log.Id.Partition)).Committed()) TaskRestore.Progress(restored, record);
            var found = restored.GetValueOrDefault(log.Id.Topic);
            if (found?.Base != broker.Offset(log.Id) || found!.Chunks.Count > 0)
                return $"progress of {log.Id} is {found?.Base} with {found?.Chunks.Count} chunks, all {log.High} are done and the group says {broker.Offset(log.Id)}";
        }
        return null;
    }

    // ---- for the shapes ----

    internal readonly record struct Event(string Key, string? Value, int Partition, long Offset, long TimestampMs, RecordHeaders Headers)
    {
        public int Number => int.Parse(Value!);
    }

    /// <summary>Committed records of a topic, in order per partition; none if it does not exist.</summary>
    protected static List<Event> Read(SimBroker broker, string topic) => !broker.Topics.ContainsKey(topic) ? []
        : [.. broker.Logs(topic).SelectMany(l => l.Committed()).Select(r => new Event(Encoding.UTF8.GetString(r.Key!), r.Value is null ? null : Encoding.UTF8.GetString(r.Value), r.Partition, r.Offset, r.TimestampMs, r.Headers))];

    protected static List<Event> Letters(SimBroker broker, string topic) => Read(broker, StreamPlatform.Streams.Topology.DeadLetterTopicOf(topic));

    /// <summary>What a store's changelog leaves, in the order of key and sub-key.</summary>
    protected static List<(string Key, string Sub, byte[] Value)> State(SimBroker broker, string store)
    {
        var state = new SortedDictionary<(string, string), byte[]>();
        foreach (var record in broker.Logs(StreamPlatform.Streams.Topology.ChangelogTopicOf(Application, store)).SelectMany(l => l.Committed()))
        {
            var at = ChangelogKey.Read(record.Key);
            if (record.Value is null) state.Remove(at);
            else state[at] = record.Value;
        }
        return [.. state.Select(s => (s.Key.Item1, s.Key.Item2, s.Value))];
    }

    protected static IEnumerable<string> TextState(SimBroker broker, string store) => State(broker, store).Select(s => $"{s.Key}={Encoding.UTF8.GetString(s.Value)}");

    /// <summary>Every <see cref="PoisonEvery"/>th event.</summary>
    protected static bool Poison(int number) => number % PoisonEvery == 5;

    protected static string NoPoison(string value) => Poison(int.Parse(value)) ? throw new PoisonException("unlucky") : value;

    /// <summary>Takes its virtual time, fails now and then.</summary>
    protected async Task<T> Work<T>(Instance instance, T value)
    {
        await Pass(instance, Scheduler.Chance(0.3) ? 0 : Scheduler.Between(0, Faults.StepMaxMs)).ConfigureAwait(false);
        return Scheduler.Chance(Faults.StepTransient) ? throw new TransientException("injected") : value;
    }

    protected async Task Pass(Instance instance, int ms)
    {
        if (ms <= 0) return;
        var slept = new TaskCompletionSource();
        Scheduler.After(instance, ms, slept.SetResult);
        await slept.Task.ConfigureAwait(false);
    }

    /// <summary>A step that counts per key and gives "value:count".</summary>
    protected static IKStream<string, string> Counted(IKStream<string, string> stream, string store) => stream.Process<string, string>(store, Text, (state, v) =>
    {
        var count = int.Parse(state.Get() ?? "0") + 1;
        state.Put($"{count}");
        return [$"{v}:{count}"];
    });

    /// <summary>The difference of two sequences, null if there is none. Under at least once a delivery that failed is repeated behind what followed it.</summary>
    protected static string? Compare(string what, IEnumerable<string> wanted, IEnumerable<string> found, bool exactly = true)
    {
        var (w, f) = exactly ? (wanted.ToList(), found.ToList()) : (wanted.Order().ToList(), found.Distinct().Order().ToList());
        return w.SequenceEqual(f) ? null
            : $"{what}: lost [{string.Join(" ", w.Except(f))}], wrong or twice [{string.Join(" ", f.Except(w).Concat(f.GroupBy(v => v).Where(g => g.Count() > 1).Select(g => g.Key)))}]\n wanted {string.Join(" ", w)}\n found  {string.Join(" ", f)}";
    }

    /// <summary>As <see cref="Compare"/>, whatever the order.</summary>
    protected static string? CompareSets(string what, IEnumerable<string> wanted, IEnumerable<string> found, bool exactly = true) => Compare(what, wanted.Order(), found.Order(), exactly);
}
