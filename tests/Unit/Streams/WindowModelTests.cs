using FsCheck;
using FsCheck.Fluent;
using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams;

/// <summary>Tumbling windows against a model that keeps everything; restarts fall anywhere.</summary>
public sealed class WindowModelTests
{
    private const int SizeMs = 10;
    private const int GraceMs = 4;

    private enum Act { Record, Silence, Restart }

    [Fact]
    public void Emitted_windows_equal_the_models()
    {
        var acts = from kind in Gen.Frequency((8, Gen.Constant(Act.Record)), (1, Gen.Constant(Act.Silence)), (1, Gen.Constant(Act.Restart)))
                   from key in Gen.Elements("a", "b", "c")
                   from time in Gen.Choose(0, 60)
                   select (kind, key, time);
        Prop.ForAll(Gen.ListOf(acts).ToArbitrary(), sequence => Run([.. sequence])).Check(Config.QuickThrowOnFailure.WithMaxTest(200));
    }

    private static void Run(List<(Act Kind, string Key, int Time)> sequence)
    {
        var builder = new StreamsBuilder("test");
        builder.Stream("in", Serdes.Utf8, Serdes.Utf8).GroupByKey()
            .WindowedBy(TimeWindows.Tumbling(TimeSpan.FromMilliseconds(SizeMs)).Grace(TimeSpan.FromMilliseconds(GraceMs)).CloseAfterIdle(TimeSpan.FromSeconds(5)))
            .Aggregate("w", Serdes.Int64, (_, _) => 0L, (n, _, _) => n + 1, (key, w, n) => $"{key}@{w.StartMs}={n}").To("out", Serdes.Utf8, Serdes.Utf8);
        using var driver = new TopologyTestDriver(builder.Build());
        var clock = new Dictionary<string, long>();
        var closedUntil = new Dictionary<string, long>();
        var open = new SortedDictionary<(string Key, long Start), int>();
        var expected = new List<string>();

        void Close(string key, Func<long, bool> due)
        {
            foreach (var window in open.Keys.Where(w => w.Key == key && due(w.Start + SizeMs)).ToList())
            {
                expected.Add($"{key}@{window.Start}={open[window]}");
                open.Remove(window);
                closedUntil[key] = Math.Max(closedUntil.GetValueOrDefault(key), window.Start + SizeMs);
            }
        }

        foreach (var (kind, key, time) in sequence)
        {
            if (kind == Act.Silence)
            {
                driver.Advance(TimeSpan.FromSeconds(6));
                foreach (var each in open.Keys.Select(w => w.Key).Distinct().ToList()) Close(each, _ => true);
                continue;
            }
            if (kind == Act.Restart) { driver.Restart(); continue; }
            driver.Pipe("in", key, "v", Serdes.Utf8, Serdes.Utf8, time);
            var start = time / SizeMs * SizeMs;
            if (start + SizeMs <= closedUntil.GetValueOrDefault(key) || start + SizeMs + GraceMs <= clock.GetValueOrDefault(key, -1)) continue;
            open[(key, start)] = open.GetValueOrDefault((key, start)) + 1;
            clock[key] = Math.Max(clock.GetValueOrDefault(key, -1), time);
            Close(key, end => end + GraceMs <= clock[key]);
        }
        Assert.Equal(expected.Order(), driver.Read("out", Serdes.Utf8, Serdes.Utf8).Select(r => r.Value!).Order());
    }
}
