using System.Text.RegularExpressions;
using StreamPlatform.Tests.EndToEnd.Support;
using Xunit;

namespace StreamPlatform.Tests.EndToEnd;

/// <summary><c>./streamplatform demo</c> without options, as a person starts it.</summary>
public sealed partial class LivePageTests
{
    [Fact]
    public async Task The_live_page_is_named_while_the_interview_runs_and_Ctrl_C_ends_the_demo()
    {
        using var data = new DataDirectory();
        using var http = new HttpClient();
        await using var demo = PlatformProcess.Start("demo", data.Path);
        var page = new Uri((await demo.LineAsync(LivePageLine(), TimeSpan.FromMinutes(2))).Groups[1].Value);

        Assert.Contains("text/html", (await http.GetAsync(page)).EnsureSuccessStatusCode().Content.Headers.ContentType!.ToString());
        var session = page.Segments[^1];
        Assert.Contains(session, await http.GetStringAsync(new Uri(page, $"/api/sessions/{session}/results")));
        Assert.Empty(demo.Output); // the report is not there yet
        demo.Interrupt();
        Assert.Equal(1, await demo.ExitAsync(TimeSpan.FromSeconds(60))); // no report, no success
        Assert.Contains("streamplatform: stopped", demo.Errors);
    }

    [GeneratedRegex(@"^live page: (http\S+/live/\S+)$")]
    private static partial Regex LivePageLine();
}
