using StreamPlatform.Cli.Commands;

namespace StreamPlatform.Tests.Unit.Cli;

/// <summary>What `streamplatform status` prints of /health.</summary>
public sealed class StatusCommandTests
{
    [Fact]
    public void What_is_down_comes_first_and_is_named_in_the_summary()
    {
        var text = StatusCommand.Text(new("not ready", [new("emotion", true, "Running, lag 0"), new("postgres", false, "down for 12 s: Connection refused")]));
        Assert.Equal("not everything works: postgres\n  DOWN  postgres  down for 12 s: Connection refused\n  ok    emotion   Running, lag 0\n", text);
    }

    [Fact]
    public void When_all_works_it_says_so() => Assert.StartsWith("everything works\n", StatusCommand.Text(new("ready", [new("media", true, "")])), StringComparison.Ordinal);
}
