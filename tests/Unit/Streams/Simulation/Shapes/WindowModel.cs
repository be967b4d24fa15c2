namespace StreamPlatform.Tests.Unit.Streams.Simulation.Shapes;

/// <summary>Windows as plain lists, fed with one partition after the other in the order of the log.</summary>
internal sealed class WindowModel(WindowModel.Kind kind, bool byPartition, bool updates, long graceMs)
{
    public enum Kind { Tumbling, Hopping, Session }

    public const int SizeMs = 20;
    public const int GapMs = 8;
    private readonly List<Window> windows = [];
    private readonly Dictionary<string, long> clocks = [];
    private readonly Dictionary<string, long> closedUntil = [];
    private readonly Dictionary<string, List<string>> results = [];

    private sealed record Window(int Partition, string Key, long Start, long End, string Numbers);

    public static int AdvanceMs(Kind kind) => kind == Kind.Hopping ? 10 : SizeMs;

    /// <summary>Key, start and events of what is open.</summary>
    public IEnumerable<string> Open => windows.Select(w => $"{w.Key}@{w.Start}:{Sorted(w.Numbers)}");
    public IReadOnlyList<string> ResultsOf(string key) => results.GetValueOrDefault(key) ?? [];

    /// <summary>Sessions may merge in any order: what is in them counts.</summary>
    public static string Sorted(string numbers) => string.Join(',', numbers.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse).Order());
    public static string Result(long start, long end, string numbers) => $"{start}-{end}:{Sorted(numbers)}";

    /// <param name="counted">False for a poison record: its time counts for the partition, nothing else.</param>
    public void Take(int partition, string key, string number, long time, bool counted)
    {
        var clock = byPartition ? $"{partition}" : key;
        var before = clocks.GetValueOrDefault(clock, -1);
        if (byPartition)
        {
            clocks[clock] = before = Math.Max(before, time);
            Close(w => w.Partition == partition && Due(w.End, before));
        }
        if (!counted) return;
        foreach (var (start, end) in WindowsFor(key, time).ToList())
        {
            if (Due(end, before) || Closed(key, time, end)) continue;
            var joined = windows.FindAll(w => w.Key == key && w.Start >= start && w.End <= end);
            windows.RemoveAll(joined.Contains);
            var window = new Window(partition, key, start, end, string.Join(' ', joined.Select(w => w.Numbers).Append(number)));
            windows.Add(window);
            if (updates) Emit(window);
            if (!byPartition) clocks[clock] = Math.Max(clocks.GetValueOrDefault(clock, -1), time);
        }
        if (!byPartition) Close(w => w.Key == key && Due(w.End, clocks.GetValueOrDefault(clock, -1)));
    }

    public void Silence() => Close(_ => true);

    private long Reach(long end) => kind == Kind.Session ? end + GapMs : end;
    private bool Due(long end, long clock) => Reach(end) + graceMs <= clock;
    private bool Closed(string key, long time, long end) => kind == Kind.Session ? time < closedUntil.GetValueOrDefault(key) : end <= closedUntil.GetValueOrDefault(key);

    private IEnumerable<(long Start, long End)> WindowsFor(string key, long time)
    {
        if (kind == Kind.Session)
        {
            var near = windows.FindAll(w => w.Key == key && w.Start - GapMs <= time && time <= w.End - 1 + GapMs);
            return [(near.Select(w => w.Start).Append(time).Min(), near.Select(w => w.End).Append(time + 1).Max())];
        }
        var advance = AdvanceMs(kind);
        return Enumerable.Range(-1, SizeMs / advance + 1).Select(i => time / advance * advance - i * advance).Where(s => s <= time && time < s + SizeMs).Order().Select(s => (s, s + SizeMs));
    }

    private void Close(Func<Window, bool> due)
    {
        foreach (var window in windows.Where(due).OrderBy(w => w.Start).ToList())
        {
            windows.Remove(window);
            closedUntil[window.Key] = Math.Max(closedUntil.GetValueOrDefault(window.Key), Reach(window.End));
            if (!updates) Emit(window);
        }
    }

    private void Emit(Window window)
    {
        if (!results.TryGetValue(window.Key, out var list)) results[window.Key] = list = [];
        list.Add(Result(window.Start, window.End, window.Numbers));
    }
}
