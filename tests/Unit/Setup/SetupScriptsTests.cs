using System.Diagnostics;
using System.Text.RegularExpressions;
using Xunit;

namespace StreamPlatform.Tests.Unit.Setup;

public sealed partial class SetupScriptsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string Root => House.Repository.Root;

    [Fact]
    public async Task Every_script_is_valid_bash()
    {
        string[] scripts = ["streamplatform", ".ci/run", .. Directory.GetFiles(Path.Combine(Root, "infra"), "*.sh", SearchOption.AllDirectories).Where(path => !path.Contains("/obj/", StringComparison.Ordinal))];
        foreach (var script in scripts)
        {
            var (exitCode, _, errors) = await BashAsync($"bash -n '{Path.Combine(Root, script)}'");
            Assert.True(exitCode == 0, $"{script}: {errors}");
        }
    }

    [Fact]
    public async Task The_doctor_names_each_need_and_how_it_is_met()
    {
        var (_, output, _) = await BashAsync("./streamplatform doctor");

        foreach (var need in new[] { ".NET SDK", "C compiler", "Node.js", "PostgreSQL", "JPEG", "speech recogniser", "librdkafka.redist", "Microsoft.ML.OnnxRuntime", "models", "write access", "browser (tests)", "Java" })
        {
            Assert.Contains(need, output, StringComparison.Ordinal);
        }

        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines, line => Assert.Matches("^(found|will be installed|missing|not ready|ready| +to fix)", line));
    }

    [Fact]
    public async Task A_need_that_cannot_be_met_says_what_to_do()
    {
        // As an ordinary user, nothing is installed: the command to run is named.
        const string script = """
            source infra/setup/lib.sh; source infra/setup/needs.sh
            id() { echo 1000; }
            needs_thing() { false; }
            install_needs 'thing|libthing1|the thing'
            """;

        var (exitCode, output, errors) = await BashAsync(script);

        Assert.Equal(1, exitCode);
        Assert.Empty(output);
        Assert.Contains("missing: the thing", errors, StringComparison.Ordinal);
        Assert.Contains("sudo apt-get install -y --no-install-recommends libthing1", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_option_of_the_test_command_is_named()
    {
        var (exitCode, output, errors) = await BashAsync("./streamplatform test --everything");

        Assert.Equal(1, exitCode);
        Assert.Empty(output);
        Assert.Contains("--everything", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_download_that_is_not_the_expected_file_is_refused()
    {
        using var directory = new Postgres.TemporaryDirectory();
        var script = $"""
            mkdir -p '{directory.Root}/infra' && cp -r infra/feed infra/setup '{directory.Root}/infra/'
            echo '0000 thing thing@1.0.0 package' > '{directory.Root}/infra/feed/assets.sha256'
            npm() {"{"} echo other > thing-1.0.0.tgz; {"}"}
            export -f npm
            '{directory.Root}/infra/feed/assets.sh' thing
            """;

        var (exitCode, _, errors) = await BashAsync(script);

        Assert.Equal(1, exitCode);
        Assert.Contains("is not the file this project was made with", errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(directory.Root, ".cache/assets/thing")));
    }

    [Fact]
    public void The_lock_file_of_the_tests_clients_names_no_registry()
    {
        var text = File.ReadAllText(Path.Combine(Root, "tests/js/package-lock.json"));

        Assert.DoesNotContain("\"resolved\"", text, StringComparison.Ordinal);
        Assert.Contains("\"integrity\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Package_versions_of_the_feed_are_those_of_the_projects()
    {
        var central = File.ReadAllText(Path.Combine(Root, "Directory.Packages.props"));
        var build = File.ReadAllText(Path.Combine(Root, "infra/feed/build.sh"));
        foreach (Match package in Provided().Matches(build))
        {
            var project = File.ReadAllText(Path.Combine(Root, "infra/feed", package.Groups[1].Value, package.Groups[1].Value + ".csproj"));
            Assert.Contains($"<Version>{package.Groups[2].Value}</Version>", project, StringComparison.Ordinal);
        }

        Assert.Contains("Include=\"Confluent.Kafka\" Version=\"2.15.1\"", central, StringComparison.Ordinal);
        Assert.Contains("Include=\"Microsoft.ML.OnnxRuntime\" Version=\"1.29.0\"", central, StringComparison.Ordinal);
        Assert.Equal(3, Provided().Count(build));
    }

    [GeneratedRegex(@"^provide (\S+) (\S+) ", RegexOptions.Multiline)]
    private static partial Regex Provided();

    private static async Task<(int ExitCode, string Output, string Errors)> BashAsync(string script)
    {
        using var bash = Process.Start(new ProcessStartInfo("bash", ["-c", script]) { WorkingDirectory = Root, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = bash.StandardOutput.ReadToEndAsync(Cancel);
        var errors = bash.StandardError.ReadToEndAsync(Cancel);
        await bash.WaitForExitAsync(Cancel);
        return (bash.ExitCode, await output, await errors);
    }
}
