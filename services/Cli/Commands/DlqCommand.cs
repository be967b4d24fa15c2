using System.CommandLine;
using System.Globalization;
using System.Text;
using Spectre.Console;
using StreamPlatform.Streams;

namespace StreamPlatform.Cli.Commands;

/// <summary><c>dlq list|show|replay</c>: dead letters of a running platform or a Kafka cluster.</summary>
internal sealed class DlqCommand
{
    private const int MaxCauseChars = 80;
    private readonly Option<string> kafka = new("--kafka") { Description = "Bootstrap servers; default: $STREAMPLATFORM_KAFKA, else 127.0.0.1:9092", DefaultValueFactory = _ => Environment.GetEnvironmentVariable("STREAMPLATFORM_KAFKA") ?? "127.0.0.1:9092" };
    private readonly Option<string?> cause = new("--cause") { Description = "Only those whose cause contains this text" };
    private readonly Option<string?> key = new("--key") { Description = "Only those of this key" };
    private readonly Option<string?> step = new("--step") { Description = "Only those of this step" };
    private readonly Option<string?> app = new("--app") { Description = "Only those of this application" };
    private readonly Option<string?> since = new("--since") { Description = "Dead-lettered at or after: a time (2026-01-31T12:00Z) or an age (30m, 12h, 7d)" };
    private readonly Option<string?> until = new("--until") { Description = "Dead-lettered before: a time or an age" };
    private readonly Option<string?> at = new("--at") { Description = "One letter, as listed: PARTITION/OFFSET" };
    private readonly Option<bool> all = new("--all") { Description = "Those replayed already, too" };
    private readonly Option<bool> dryRun = new("--dry-run") { Description = "Say what would be replayed" };

    public static Command Create()
    {
        var dlq = new DlqCommand();
        return new Command("dlq", "Dead letters: list them, show one, send them to their topic again") { dlq.List(), dlq.Show(), dlq.Replay() };
    }

    private Command List()
    {
        var topic = new Argument<string?>("topic") { Description = "Input topic; without it, a count per topic", Arity = ArgumentArity.ZeroOrOne };
        var command = Make("list", "List dead letters", topic, all);
        command.SetAction(parsed =>
        {
            var letters = new DeadLetterReplay(parsed.GetValue(kafka)!);
            if (parsed.GetValue(topic) is { } one) PrintTable(one, letters.List(one, Filter(parsed)));
            else PrintCounts(letters, Filter(parsed));
        });
        return command;
    }

    private Command Show()
    {
        var topic = new Argument<string>("topic") { Description = "Input topic" };
        var command = Make("show", "Show dead letters in full: cause, position, headers, value", topic, all);
        command.SetAction(parsed =>
        {
            var found = new DeadLetterReplay(parsed.GetValue(kafka)!).List(parsed.GetValue(topic)!, Filter(parsed));
            if (found.Count == 0) Console.WriteLine("no dead letters match");
            foreach (var letter in found) Print(letter);
        });
        return command;
    }

    private Command Replay()
    {
        var topic = new Argument<string>("topic") { Description = "Input topic" };
        var command = Make("replay", "Send dead letters to their topic again, each exactly once", topic, dryRun);
        command.SetAction((parsed, cancel) =>
        {
            var name = parsed.GetValue(topic)!;
            var letters = new DeadLetterReplay(parsed.GetValue(kafka)!);
            if (parsed.GetValue(dryRun))
            {
                var chosen = letters.List(name, Filter(parsed), cancel);
                PrintTable(name, chosen);
                Console.WriteLine($"{chosen.Count} would be replayed; nothing was changed");
                return Task.CompletedTask;
            }
            var done = letters.Replay(name, Filter(parsed), cancel);
            Console.WriteLine(done.Count == 0 ? "nothing to replay" : $"replayed {done.Count} to {name}, replay {done[0].ReplayedBy}");
            return Task.CompletedTask;
        });
        return command;
    }

    private Command Make(string name, string description, Argument topic, Option extra)
    {
        var command = new Command(name, description) { topic };
        foreach (var option in new Option[] { kafka, cause, key, step, app, since, until, at, extra }) command.Add(option);
        return command;
    }

    private DeadLetterFilter Filter(ParseResult parsed)
    {
        var (partition, offset) = Position(parsed.GetValue(at));
        return new DeadLetterFilter
        {
            Cause = parsed.GetValue(cause), Key = parsed.GetValue(key), Step = parsed.GetValue(step), Application = parsed.GetValue(app),
            SinceMs = TimeMs("--since", parsed.GetValue(since)), UntilMs = TimeMs("--until", parsed.GetValue(until)),
            Partition = partition, Offset = offset, IncludeReplayed = parsed.CommandResult.Command.Options.Contains(all) && parsed.GetValue(all),
        };
    }

    private static (int?, long?) Position(string? text)
    {
        if (text is null) return (null, null);
        var parts = text.Split('/');
        return parts.Length == 2 && int.TryParse(parts[0], CultureInfo.InvariantCulture, out var partition) && long.TryParse(parts[1], CultureInfo.InvariantCulture, out var offset)
            ? (partition, offset) : throw new ArgumentException($"--at {text}: write PARTITION/OFFSET, as 'dlq list' shows it");
    }

    private static long? TimeMs(string option, string? text)
    {
        if (text is null) return null;
        if (text.Length > 1 && "smhd".Contains(text[^1]) && int.TryParse(text[..^1], CultureInfo.InvariantCulture, out var count))
        {
            var unit = text[^1] switch { 's' => TimeSpan.FromSeconds(1), 'm' => TimeSpan.FromMinutes(1), 'h' => TimeSpan.FromHours(1), _ => TimeSpan.FromDays(1) };
            return (TimeProvider.System.GetUtcNow() - count * unit).ToUnixTimeMilliseconds();
        }
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time.ToUnixTimeMilliseconds()
            : throw new ArgumentException($"{option} {text}: write a time (2026-01-31T12:00Z) or an age (30m, 12h, 7d)");
    }

    private static void PrintCounts(DeadLetterReplay letters, DeadLetterFilter filter)
    {
        var counts = letters.Topics().Select(t => (Topic: t, Found: letters.List(t, filter))).Where(t => t.Found.Count > 0).ToList();
        if (counts.Count == 0) { Console.WriteLine("no dead letters"); return; }
        var table = new Table().AddColumns("topic", "letters", "latest", "most frequent cause");
        foreach (var (topic, found) in counts)
            table.AddRow(Markup.Escape(topic), $"{found.Count}", Time(found.Max(l => l.DeadAtMs)), Markup.Escape(Short(found.GroupBy(l => l.Cause).MaxBy(g => g.Count())!.Key)));
        AnsiConsole.Write(table);
    }

    private static void PrintTable(string topic, IReadOnlyList<DeadLetterEntry> found)
    {
        if (found.Count == 0) { Console.WriteLine($"no dead letters of {topic} match"); return; }
        var table = new Table().AddColumns("at", "time", "key", "step", "attempts", "cause", "replayed");
        foreach (var letter in found)
            table.AddRow($"{letter.Partition}/{letter.Offset}", Time(letter.DeadAtMs), Markup.Escape(letter.KeyText ?? ""), Markup.Escape(letter.Step), $"{letter.Attempts}",
                Markup.Escape(Short(letter.Cause)), letter.ReplayedBy ?? "");
        AnsiConsole.Write(table);
    }

    private static void Print(DeadLetterEntry letter)
    {
        Console.WriteLine($"{letter.Partition}/{letter.Offset}  {Time(letter.DeadAtMs)}  {letter.Cause}");
        Console.WriteLine($"  step      {letter.Step}, {letter.Attempts} attempts, application {letter.Application}");
        Console.WriteLine($"  from      {letter.Topic}[{letter.TopicPartition}] offset {letter.TopicOffset}, event time {Time(letter.EventTimeMs)}");
        if (letter.ReplayedBy is { } replay) Console.WriteLine($"  replayed  {replay}");
        Console.WriteLine($"  key       {letter.KeyText}");
        foreach (var header in letter.Headers) Console.WriteLine($"  header    {header.Key}: {Text(header.Value)}");
        Console.WriteLine($"  value     {(letter.Value is null ? "null" : $"{letter.Value.Length} bytes: {Text(letter.Value)}")}");
        Console.WriteLine();
    }

    private static string Time(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms).ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
    private static string Short(string cause) => cause.Length > MaxCauseChars ? cause[..MaxCauseChars] + "..." : cause;

    /// <summary>UTF-8 text where it is that, else hexadecimal; at most 2,000 bytes.</summary>
    private static string Text(byte[]? bytes)
    {
        if (bytes is null) return "null";
        var shown = bytes.Length > 2_000 ? bytes[..2_000] : bytes;
        var text = Encoding.UTF8.GetString(shown);
        return text.Any(c => c == '\uFFFD' || (char.IsControl(c) && c is not ('\n' or '\r' or '\t'))) ? Convert.ToHexString(shown) : text;
    }
}
