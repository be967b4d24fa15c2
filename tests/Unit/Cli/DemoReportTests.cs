using System.Text.Json.Nodes;
using Spectre.Console;
using StreamPlatform.Cli.Demo;

namespace StreamPlatform.Tests.Unit.Cli;

/// <summary>What a person sees of a demo: texts of candidates and engines are shown as they are, whatever is in them.</summary>
public sealed class DemoReportTests
{
    private const string Hostile = "[red]x[/] [[y]] [/] [link=http://evil]z[/] [nosuchstyle]";

    private static readonly Uri LivePage = new("http://127.0.0.1:8080/live/session-1");

    [Fact]
    public void A_report_shows_every_part()
    {
        var shown = Print(new DemoResults().Outcome(), serving: true);

        foreach (var part in new[] { "Interview report", "39 analysed + 1 dead-lettered of 40", "overall", "behaviour", "happy", "read this aloud", "Names no example." })
        {
            Assert.Contains(part, shown, StringComparison.Ordinal);
        }

        Assert.Contains(LivePage.ToString(), shown, StringComparison.Ordinal);
    }

    [Fact]
    public void The_way_back_to_a_report_is_told_only_when_the_platform_stops()
    {
        Assert.DoesNotContain("after the demo", Print(new DemoResults().Outcome(), serving: true), StringComparison.Ordinal);
        Assert.Contains("after the demo: ./streamplatform up", Print(new DemoResults().Outcome(), serving: false), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("session")]
    [InlineData("report/url")]
    [InlineData("emotion/windows/0/dominant")]
    [InlineData("transcripts/0/text")]
    [InlineData("transcripts/0/engine")]
    [InlineData("scores/0/feedback")]
    [InlineData("scores/0/engine")]
    public void Markup_in_a_text_is_shown_as_it_is(string path)
    {
        var outcome = new DemoResults().Outcome();
        Set(outcome, path, Hostile);

        Assert.Contains(Hostile, Print(outcome, serving: true), StringComparison.Ordinal);
    }

    [Fact]
    public void Markup_in_a_row_of_many_interviews_is_shown_as_it_is()
    {
        var one = new DemoResults().Outcome();
        one["session"] = Hostile;

        Assert.Contains(Hostile, Print(new JsonObject { ["ok"] = true, ["framesPerSecond"] = 1, ["interviews"] = new JsonArray(one) }, serving: true), StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_sends_no_control_sequence_to_the_terminal()
    {
        var outcome = new DemoResults().Outcome();
        Set(outcome, "transcripts/0/text", "a\u001b[2Jb\u0007c\u009bd");

        var shown = Print(outcome, serving: true);

        Assert.Contains("a [2Jb c d", shown, StringComparison.Ordinal);
        Assert.DoesNotContain(shown, c => char.IsControl(c) && c != '\n');
    }

    [Fact]
    public void A_report_of_which_every_part_is_missing_is_printed_all_the_same()
    {
        var results = new DemoResults();
        results.Stored.Clear();

        Assert.Contains("Interview report", Print(results.Outcome(), serving: false), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_progress_view_names_the_live_page_once_and_as_soon_as_it_exists()
    {
        var lines = new StringWriter();
        await using (var view = new DemoView(plain: true, lines, Console(new StringWriter())))
        {
            view.Report(Progress(null));
            Assert.DoesNotContain("live page", lines.ToString(), StringComparison.Ordinal);
            view.Report(Progress(LivePage));
            Assert.Contains($"live page: {LivePage}", lines.ToString(), StringComparison.Ordinal);
            view.Report(Progress(LivePage));
        }

        Assert.Equal(2, lines.ToString().Split("live page").Length);
    }

    [Fact]
    public async Task The_live_progress_table_survives_markup_and_shows_the_live_page()
    {
        var screen = new StringWriter();
        await using (var view = new DemoView(plain: false, TextWriter.Null, Console(screen, interactive: true)))
        {
            view.Report(Progress(LivePage) with { Phase = Hostile });
        }

        Assert.Contains(LivePage.ToString(), screen.ToString(), StringComparison.Ordinal);
        Assert.Contains("[nosuchstyle]", screen.ToString(), StringComparison.Ordinal);
    }

    private static DemoProgress Progress(Uri? livePage) => new("interview", 1, 0, 10, 9, 4, 4, 0, livePage);

    private static void Set(JsonNode outcome, string path, string value)
    {
        var keys = path.Split('/');
        var node = outcome;
        foreach (var key in keys[..^1])
        {
            node = int.TryParse(key, out var index) ? node[index]! : node[key]!;
        }

        node[keys[^1]] = value;
    }

    private static string Print(JsonObject outcome, bool serving)
    {
        var text = new StringWriter { NewLine = "\n" };
        DemoReport.Print(outcome, serving, Console(text));
        return text.ToString();
    }

    private static IAnsiConsole Console(TextWriter text, bool interactive = false)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(text),
            Ansi = interactive ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = interactive ? InteractionSupport.Yes : InteractionSupport.No,
        });
        console.Profile.Width = 400; // no text is broken into lines
        return console;
    }
}
