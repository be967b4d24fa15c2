using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using StreamPlatform.Tests.EndToEnd.Support;
using Xunit;

namespace StreamPlatform.Tests.EndToEnd;

/// <summary>What keeps the platform from starting is said in words that name the thing to fix.</summary>
public sealed class BadStartTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_taken_port_is_named()
    {
        using var data = new DataDirectory();
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await using var platform = PlatformProcess.StartRaw(
            ["up", "--data", data.Path, "--listen", $"127.0.0.1:{port}", "--broker-listen", "127.0.0.1:0", "--registry-listen", "127.0.0.1:0"]);
        Assert.NotEqual(0, await platform.ExitAsync(Limit));
        Assert.Contains(port.ToString(), LastLine(platform));
        Assert.Contains("--listen", LastLine(platform));
    }

    [Fact]
    public async Task A_taken_broker_port_is_named()
    {
        using var data = new DataDirectory();
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await using var platform = PlatformProcess.StartRaw(
            ["up", "--data", data.Path, "--listen", "127.0.0.1:0", "--broker-listen", $"127.0.0.1:{port}", "--registry-listen", "127.0.0.1:0"]);
        Assert.NotEqual(0, await platform.ExitAsync(Limit));
        Assert.Contains(port.ToString(), LastLine(platform));
    }

    [Fact]
    public async Task A_taken_registry_port_is_named()
    {
        using var data = new DataDirectory();
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await using var platform = PlatformProcess.StartRaw(
            ["up", "--data", data.Path, "--listen", "127.0.0.1:0", "--broker-listen", "127.0.0.1:0", "--registry-listen", $"127.0.0.1:{port}"]);
        Assert.NotEqual(0, await platform.ExitAsync(Limit));
        Assert.Contains(port.ToString(), LastLine(platform));
    }

    [Fact]
    public async Task A_missing_speech_model_is_named()
    {
        using var data = new DataDirectory();
        await using var platform = PlatformProcess.Start("up", data.Path, new Dictionary<string, string> { ["STREAMPLATFORM_SPEECH_MODEL"] = "/nonexistent/speech" });
        Assert.NotEqual(0, await platform.ExitAsync(Limit));
        Assert.Contains("/nonexistent/speech", LastLine(platform));
    }

    [Fact]
    public async Task A_data_directory_that_cannot_be_written_is_named()
    {
        // Root may write anywhere, so the directory lies on a file system that is read-only for everyone.
        await using var platform = PlatformProcess.Start("up", "/sys/kernel");
        Assert.NotEqual(0, await platform.ExitAsync(Limit));
        Assert.Contains("/sys/kernel", LastLine(platform));
        Assert.Contains("--data", LastLine(platform));
    }

    [Fact]
    public async Task A_data_directory_that_cannot_be_made_is_named()
    {
        await using var platform = PlatformProcess.Start("up", "/proc/streamplatform-test");
        Assert.NotEqual(0, await platform.ExitAsync(Limit));
        Assert.Contains("/proc/streamplatform-test", LastLine(platform));
        Assert.Contains("--data", LastLine(platform));
    }

    [Fact]
    public async Task A_second_instance_on_the_same_data_is_refused_and_the_first_goes_on()
    {
        using var data = new DataDirectory();
        await using var first = PlatformProcess.Start("up", data.Path);
        var (pages, _, _) = await first.ReadyAsync(TimeSpan.FromMinutes(2));
        await using var second = PlatformProcess.Start("up", data.Path);
        Assert.NotEqual(0, await second.ExitAsync(Limit));
        Assert.Contains("another StreamPlatform uses the data directory " + data.Path, LastLine(second));
        using var http = new HttpClient();
        Assert.True((await http.GetAsync(new Uri(pages, "/readyz"))).IsSuccessStatusCode);
    }

    [Fact]
    public async Task A_missing_model_is_named()
    {
        using var data = new DataDirectory();
        await using var platform = PlatformProcess.Start("up", data.Path, "--models", "/nonexistent/models");
        Assert.NotEqual(0, await platform.ExitAsync(Limit));
        Assert.Contains("/nonexistent/models", LastLine(platform));
    }

    [Fact]
    public async Task A_database_that_is_away_is_named_without_a_stack_trace()
    {
        using var data = new DataDirectory();
        using var nobody = new TcpListener(IPAddress.Loopback, 0);
        nobody.Start();
        var port = ((IPEndPoint)nobody.LocalEndpoint).Port;
        nobody.Stop();
        await using var platform = PlatformProcess.Start("up", data.Path, "--postgres", $"Host=127.0.0.1;Port={port};Username=x;Password=secret;Database=x");
        Assert.NotEqual(0, await platform.ExitAsync(Limit));
        Assert.Contains($"127.0.0.1:{port}; check --postgres", LastLine(platform));
        Assert.DoesNotContain("   at ", platform.Errors);
        Assert.DoesNotContain("secret", platform.Errors);
    }

    [Theory]
    [InlineData("--listen", "nowhere", "--listen is 'nowhere'")]
    [InlineData("--registry", "not an address", "--registry is 'not an address'")]
    [InlineData("--sessions", "0", "--sessions is 0")]
    [InlineData("--postgres", "nonsense", "--postgres is no connection string")]
    [InlineData("--postgres", "Host=here;Pasword=secret", "--postgres is no connection string")]
    public async Task An_option_out_of_range_is_named_with_what_it_accepts(string option, string value, string expected)
    {
        await using var platform = PlatformProcess.StartRaw(["demo", option, value]);
        Assert.NotEqual(0, await platform.ExitAsync(Limit));
        Assert.Contains(expected, LastLine(platform));
        Assert.Contains("takes", LastLine(platform));
        Assert.Empty(platform.Output);
        Assert.DoesNotContain("secret", platform.Errors);
    }

    private static string LastLine(PlatformProcess platform) =>
        Regex.Split(platform.Errors.Trim(), "\n").Last(l => l.StartsWith("streamplatform:", StringComparison.Ordinal));
}
