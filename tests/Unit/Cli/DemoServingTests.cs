using System.Text.Json.Nodes;
using StreamPlatform.Cli.Commands;

namespace StreamPlatform.Tests.Unit.Cli;

/// <summary>The demo without <c>--exit</c>, once its report is printed.</summary>
public sealed class DemoServingTests
{
    private static readonly Uri Address = new("http://127.0.0.1:8080");

    [Fact]
    public async Task It_serves_at_the_live_page_until_Ctrl_C()
    {
        using var stop = new CancellationTokenSource();
        var messages = new StringWriter();
        var serving = DemoCommand.ServeAsync(new DemoResults().Outcome(), Address, new TaskCompletionSource().Task, messages, stop.Token);

        Assert.False(serving.IsCompleted);
        Assert.Contains("serving at http://127.0.0.1:8080/live/session-1; Ctrl-C stops it", messages.ToString(), StringComparison.Ordinal);
        await stop.CancelAsync();
        await serving;
        Assert.Contains("stopping", messages.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_many_interviews_it_names_the_list_and_what_stops_the_platform_comes_through()
    {
        var messages = new StringWriter();
        var failed = Task.FromException(new IOException("the disk is gone"));

        var error = await Assert.ThrowsAsync<IOException>(() => DemoCommand.ServeAsync(new JsonObject { ["interviews"] = new JsonArray() }, Address, failed, messages, CancellationToken.None));

        Assert.Equal("the disk is gone", error.Message);
        Assert.Contains($"serving at {Address};", messages.ToString(), StringComparison.Ordinal);
    }
}
