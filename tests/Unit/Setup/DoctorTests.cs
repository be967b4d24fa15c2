using System.Diagnostics;

namespace StreamPlatform.Tests.Unit.Setup;

/// <summary>./streamplatform doctor on machines that lack something: the script's own functions, with needs and machines made up.</summary>
public sealed class DoctorTests
{
    private const string Needs = """
        needs_there() { true; }
        needs_absent() { false; }
        needs_foreign() { false; }
        NEEDS='there|libthere1|the thing that is there
        absent|libabsent1 libabsent-dev|the absent thing
        foreign|-|the foreign thing (https://example.org/foreign)'
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Root_on_Debian_is_told_what_will_be_installed_and_with_what()
    {
        var (exitCode, lines) = await RunAsync("""
            id() { echo 0; }
            have() { [ "$1" = apt-get ]; }
            doctor_needs "${NEEDS%$'\n'*}" required
            exit $DOCTOR_BAD
            """);

        Assert.Equal(0, exitCode); // nothing is left for a person to do
        Assert.Equal(["found              the thing that is there", "will be installed  the absent thing: apt-get install libabsent1 libabsent-dev"], lines);
    }

    [Theory]
    [InlineData("id() { echo 1000; }; have() { true; }")]
    [InlineData("id() { echo 0; }; have() { false; }")]
    public async Task Who_cannot_install_is_told_what_is_missing_and_how_to_get_it(string machine)
    {
        var (exitCode, lines) = await RunAsync(machine + """

            doctor_needs "$NEEDS" required
            exit $DOCTOR_BAD
            """);

        Assert.Equal(1, exitCode);
        Assert.Equal(
            [
                "found              the thing that is there",
                "missing            the absent thing",
                "                     to fix: sudo apt-get install libabsent1 libabsent-dev",
                "missing            the foreign thing (https://example.org/foreign)",
                "                     to fix: install it, then run this again",
            ],
            lines);
    }

    [Fact]
    public async Task What_only_the_tests_need_is_missing_without_making_the_machine_unfit()
    {
        var (exitCode, lines) = await RunAsync("""
            id() { echo 1000; }
            doctor_needs "$(sed -n 2p <<<"$NEEDS")" optional
            exit $DOCTOR_BAD
            """);

        Assert.Equal(0, exitCode);
        Assert.Equal(["missing            the absent thing (only ./streamplatform test needs it): sudo apt-get install libabsent1 libabsent-dev"], lines);
    }

    [Fact]
    public async Task On_a_machine_with_nothing_on_its_path_each_real_need_says_how_to_get_it()
    {
        var (exitCode, lines) = await RunAsync("""
            id() { echo 1000; }
            PATH=/nonexistent
            doctor_needs "$NEEDS_RUN" required 2>/dev/null
            exit $DOCTOR_BAD
            """);

        Assert.Equal(1, exitCode);
        AssertMissing(".NET SDK 10 (https://dotnet.microsoft.com/download/dotnet/10.0)", "install it, then run this again");
        AssertMissing("C compiler and make, for librdkafka", "sudo apt-get install build-essential");
        AssertMissing("Node.js and npm, which bring models and sources", "sudo apt-get install nodejs npm");

        void AssertMissing(string what, string fix)
        {
            var at = Array.IndexOf(lines, $"missing            {what}");
            Assert.True(at >= 0, string.Join('\n', lines));
            Assert.Equal($"to fix: {fix}", lines[at + 1].Trim());
        }
    }

    [Fact]
    public async Task What_is_not_made_yet_will_be()
    {
        using var directory = new Postgres.TemporaryDirectory();
        var (_, lines) = await RunAsync($$"""
            CACHE='{{directory.Root}}/cache' STREAMPLATFORM_MODELS='{{directory.Root}}/models' CLI_DLL='{{directory.Root}}/cli.dll'
            doctor_made
            """);

        Assert.Contains("will be installed  package librdkafka.redist.2.15.1: from the registry, else built (about a minute)", lines);
        Assert.Contains("will be installed  npm files: human", lines);
        Assert.Contains($"will be installed  models, converted to ONNX in {directory.Root}/models", lines);
        Assert.Contains("will be installed  the platform: built from source", lines);
    }

    private static async Task<(int ExitCode, string[] Lines)> RunAsync(string script)
    {
        var whole = $"source infra/setup/lib.sh; source infra/setup/needs.sh; source infra/setup/doctor.sh\n{Needs}\n{script}";
        using var bash = Process.Start(new ProcessStartInfo("bash", ["-c", whole]) { WorkingDirectory = House.Repository.Root, RedirectStandardOutput = true })!;
        var output = await bash.StandardOutput.ReadToEndAsync(Cancel);
        await bash.WaitForExitAsync(Cancel);
        return (bash.ExitCode, output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
