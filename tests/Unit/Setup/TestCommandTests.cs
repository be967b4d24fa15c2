using System.Diagnostics;
using Xunit;

namespace StreamPlatform.Tests.Unit.Setup;

/// <summary>./streamplatform test, with suites that are little scripts.</summary>
public sealed class TestCommandTests : IDisposable
{
    private readonly Postgres.TemporaryDirectory _directory = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task The_results_of_all_suites_are_added_up_in_the_last_line()
    {
        Suite("One", Report(3, 0, 1));
        Suite("Two", Report(4, 0, 0));

        var (exitCode, lines, _) = await RunAsync("One|20\nTwo|20");

        Assert.Equal(0, exitCode);
        Assert.Equal("7 passed, 0 failed, 1 skipped", lines[^1]);
    }

    [Fact]
    public async Task A_failure_makes_the_exit_code_1_and_the_next_suite_runs_all_the_same()
    {
        Suite("One", Report(2, 1, 0) + "exit 1");
        Suite("Two", Report(4, 0, 0));

        var (exitCode, lines, _) = await RunAsync("One|20\nTwo|20");

        Assert.Equal(1, exitCode);
        Assert.Equal("6 passed, 1 failed, 0 skipped", lines[^1]);
    }

    [Fact]
    public async Task A_suite_that_breaks_without_a_report_counts_as_failed()
    {
        Suite("One", "exit 134");

        var (exitCode, lines, _) = await RunAsync("One|20");

        Assert.Equal(1, exitCode);
        Assert.Contains("One: ended with code 134", lines[^2], StringComparison.Ordinal);
        Assert.Equal("0 passed, 1 failed, 0 skipped", lines[^1]);
    }

    [Fact]
    public async Task A_suite_that_does_not_end_is_stopped_when_its_time_is_up()
    {
        Suite("One", "sleep 300");

        var (exitCode, lines, _) = await RunAsync("One|1");

        Assert.Equal(1, exitCode);
        Assert.Contains("One: stopped after 1 s", lines[^2], StringComparison.Ordinal);
        Assert.Equal("0 passed, 1 failed, 0 skipped", lines[^1]);
    }

    [Fact]
    public async Task What_a_suite_leaves_running_is_ended()
    {
        Suite("One", Report(1, 0, 0) + $"setsid sleep 300 >/dev/null 2>&1 & echo $! > '{_directory.Root}/left'");

        var (_, lines, _) = await RunAsync("One|20");

        Assert.Equal("1 passed, 0 failed, 0 skipped", lines[^1]);
        var left = (await File.ReadAllTextAsync(Path.Combine(_directory.Root, "left"), Cancel)).Trim();
        await Gateway.Eventually.TrueAsync(() => Ended($"/proc/{left}/stat"), "the process left behind has ended"); // a killed process dies when it is next scheduled
    }

    private static bool Ended(string stat)
    {
        try
        {
            return File.ReadAllText(stat).Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return true; // gone, perhaps while it was read
        }
    }

    [Fact]
    public async Task A_suite_can_be_interrupted_although_it_runs_in_the_background()
    {
        // Bit 1 of SigIgn is SIGINT: a platform started by a test would inherit it.
        Suite("One", Report(1, 0, 0) + "grep SigIgn /proc/self/status");

        var (_, lines, _) = await RunAsync("One|20");

        var ignored = Convert.ToInt64(lines.First(line => line.StartsWith("SigIgn", StringComparison.Ordinal)).Split(':')[1].Trim(), 16);
        Assert.Equal(0, ignored & 2);
    }

    [Fact]
    public async Task A_filter_goes_to_every_suite_and_one_that_matches_nothing_fails()
    {
        Suite("One", "echo \"$@\";" + Report(0, 0, 0));

        var (exitCode, lines, errors) = await RunAsync("One|20", "Gateway");

        Assert.Contains(lines, line => line.Contains("-method *Gateway*", StringComparison.Ordinal));
        Assert.Equal(1, exitCode);
        Assert.Contains("no test's full name contains 'Gateway'", errors, StringComparison.Ordinal);
    }

    private static string Report(int passed, int failed, int skipped) =>
        $"echo '<assemblies><assembly name=\"x\" total=\"{passed + failed + skipped}\" passed=\"{passed}\" failed=\"{failed}\" skipped=\"{skipped}\" not-run=\"0\" errors=\"0\"></assembly></assemblies>' > \"$report\"\n";

    private void Suite(string name, string body)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_directory.Root, "tests", name, "bin/Release/net10.0")).FullName;
        var file = Path.Combine(folder, $"StreamPlatform.Tests.{name}");
        File.WriteAllText(file, "#!/usr/bin/env bash\nwhile [ $# -gt 0 ]; do [ \"$1\" != -xml ] || report=$2; all+=(\"$1\"); shift; done\nset -- \"${all[@]}\"\n" + body + "\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private async Task<(int ExitCode, string[] Lines, string Errors)> RunAsync(string suites, params string[] arguments)
    {
        Directory.CreateDirectory(Path.Combine(_directory.Root, ".cache/logs"));
        var setup = House.Repository.File("infra/setup");
        var script = $$"""
            set -euo pipefail
            REPO='{{_directory.Root}}'
            source '{{setup}}/lib.sh'; source '{{setup}}/tests.sh'
            setup_locked() { :; }
            CLI_DLL=none DEFAULT_SIGINT='env --default-signal=INT'
            SUITES='{{suites}}'
            run_tests "$@"
            """;
        using var bash = Process.Start(new ProcessStartInfo("bash", ["-c", script, "bash", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = bash.StandardOutput.ReadToEndAsync(Cancel);
        var errors = bash.StandardError.ReadToEndAsync(Cancel);
        await bash.WaitForExitAsync(Cancel);
        return (bash.ExitCode, (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries), await errors);
    }
}
