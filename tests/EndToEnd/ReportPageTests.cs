using System.Text.Json.Nodes;
using StreamPlatform.Tests.EndToEnd.Support;
using Xunit;

namespace StreamPlatform.Tests.EndToEnd;

/// <summary>The report of the demo's interview: the page in a real Chromium, the JSON and the PDF behind it.</summary>
public sealed class ReportPageTests(DemoFixture demo)
{
    private static readonly string? Chromium =
        new[] { "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }.FirstOrDefault(File.Exists);

    [Fact]
    public async Task The_page_draws_every_window_and_question_without_an_error()
    {
        Assert.SkipUnless(Chromium is not null, "no Chromium: apt-get install chromium");
        var report = await ReportAsync();
        var (_, output, errors) = await NodeScript.RunAsync(
            TimeSpan.FromMinutes(2), "browser/report.mjs", demo.Pages.ToString().TrimEnd('/'), demo.SessionId, "--out", Path.Combine(Repository.Root, ".cache", "screenshots"), "--chromium", Chromium!);
        var result = JsonNode.Parse(output.Length > 0 ? output : "{}")!;
        Assert.True(result["ok"]?.GetValue<bool>() == true, result["errors"]?.ToJsonString() + errors);

        var shown = result["shown"]!;
        var windows = report["timeline"]!["windows"]!.AsArray().Count;
        Assert.True(windows >= 3);
        Assert.Equal(windows, Int(shown["windows"]));
        Assert.Equal(windows, Int(shown["rows"]));
        Assert.Equal(windows, demo.Outcome["emotion"]!["windows"]!.AsArray().Count);
        Assert.Equal(3, Int(shown["questions"]));
        Assert.Equal(3, Int(shown["answers"]));
        Assert.Equal(3, Int(shown["scores"]));
        Assert.Equal(Math.Round(report["scores"]!["overall"]!.GetValue<double>()), double.Parse(shown["overall"]!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal("needs human review: 3 pending", shown["review"]!.GetValue<string>());
        Assert.Contains(shown["notes"]!.AsArray(), n => n!.GetValue<string>().Contains("1 unreadable frame(s)", StringComparison.Ordinal));
        Assert.Empty(shown["unnamed"]!.AsArray());
        Assert.False(result["phone"]!["scrollsSideways"]!.GetValue<bool>());
        Assert.InRange(Int(result["printedPages"]), 1, 10);
        Assert.Contains("No session nobody is known", result["unknown"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_report_holds_what_the_demo_counted()
    {
        var report = await ReportAsync();
        Assert.Equal((1, "complete", false), (Int(report["revision"]!["number"]), report["revision"]!["reason"]!.GetValue<string>(), report["revision"]!["partial"]!.GetValue<bool>()));
        Assert.Equal(demo.Outcome["report"]!["overall"]!.GetValue<double>(), report["scores"]!["overall"]!.GetValue<double>(), 0.01);
        Assert.Equal(Int(demo.Outcome["frames"]!["analysed"]), Int(report["frames"]!["analysed"]));
        Assert.Equal(1, Int(report["frames"]!["deadLettered"]));
        Assert.Equal(["emotion", "scoring", "transcription"], report["versions"]!.AsArray().Select(v => v!["part"]!.GetValue<string>()).Distinct().Order());
        Assert.Equal(2, report["answers"]!.AsArray().Count(a => a!["speech"] is JsonObject));
        Assert.All(report["answers"]!.AsArray(), a => Assert.NotEmpty(a!["text"]!.GetValue<string>()));
        Assert.True(Int(report["speech"]!["words"]) > 20);
        Assert.Equal("/report.html", new Uri(demo.Outcome["report"]!["page"]!.GetValue<string>()).AbsolutePath);
    }

    [Fact]
    public async Task The_PDF_is_served()
    {
        using var response = await demo.Http.GetAsync(new Uri(demo.Pages, $"/api/sessions/{demo.SessionId}/report.pdf"));
        Assert.Equal("application/pdf", response.EnsureSuccessStatusCode().Content.Headers.ContentType!.MediaType);
        var pdf = await response.Content.ReadAsByteArrayAsync();
        Assert.True(pdf.AsSpan().StartsWith("%PDF-"u8));
        Directory.CreateDirectory(Path.Combine(Repository.Root, ".cache", "screenshots"));
        await File.WriteAllBytesAsync(Path.Combine(Repository.Root, ".cache", "screenshots", "report.pdf"), pdf);
    }

    private async Task<JsonNode> ReportAsync() =>
        JsonNode.Parse(await demo.Http.GetStringAsync(new Uri(demo.Pages, $"/api/sessions/{demo.SessionId}/report")))!;

    private static int Int(JsonNode? node) => (int)node!.GetValue<double>();
}
