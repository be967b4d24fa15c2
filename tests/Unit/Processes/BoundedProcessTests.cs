using System.Text;
using StreamPlatform.Processes;

namespace StreamPlatform.Tests.Unit.Processes;

/// <summary>Child processes within limits, with the shell's own programs as children.</summary>
public sealed class BoundedProcessTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Input_goes_in_output_comes_out_and_the_exit_code_is_told()
    {
        using var process = BoundedProcess.Start("sh", ["-c", "cat; echo no >&2; exit 3"], ProcessLimits.None);
        var output = BoundedProcess.ReadFirstAsync(process.Output, 100, Ct);
        var errors = BoundedProcess.ReadFirstAsync(process.Errors, 2, Ct);
        await process.WriteAsync("äpfel"u8.ToArray(), Ct);
        Assert.Equal(("äpfel", false), (Encoding.UTF8.GetString((await output).Bytes), (await output).Cut));
        Assert.Equal(("no", true), (Encoding.UTF8.GetString((await errors).Bytes), (await errors).Cut));
        Assert.Equal(3, await process.EndAsync(Ct));
    }

    [Fact]
    public async Task Limits_reach_the_child_and_its_environment_is_path_alone()
    {
        var limits = new ProcessLimits { AddressSpaceBytes = 1L << 30, CpuSeconds = 5, OpenFiles = 32, NoFiles = true, OnlyPath = true };
        using var process = BoundedProcess.Start("sh", ["-c", "ulimit -v; ulimit -t; ulimit -n; ulimit -f; env | grep -v '^PWD=\\|^_=\\|^OLDPWD=\\|^SHLVL=' | cut -d= -f1"], limits);
        process.Input.Close();
        var (bytes, _) = await BoundedProcess.ReadFirstAsync(process.Output, 1_000, Ct);
        Assert.Equal($"{(1L << 30) / 1024}\n5\n32\n0\nPATH\n", Encoding.UTF8.GetString(bytes));
    }

    [Fact]
    public async Task Disposing_ends_the_child_and_what_it_started()
    {
        var process = BoundedProcess.Start("sh", ["-c", "sleep 1000 & echo $!; wait"], ProcessLimits.None);
        var line = new byte[20];
        var read = await process.Output.ReadAsync(line, Ct);
        var grandchild = int.Parse(Encoding.ASCII.GetString(line, 0, read).Trim(), System.Globalization.CultureInfo.InvariantCulture);
        process.Dispose();
        await Gateway.Eventually.TrueAsync(() => HasEnded(grandchild), "the grandchild has ended");
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_told_apart_from_prlimit()
    {
        Assert.Contains("no-such-program", Assert.Throws<ProcessStartException>(() => BoundedProcess.Start("no-such-program", [], ProcessLimits.None)).Message, StringComparison.Ordinal);
        using var process = BoundedProcess.Start("no-such-program", [], new() { CpuSeconds = 5 });
        Assert.Equal(BoundedProcess.NotInstalled, await process.EndAsync(Ct));
    }

    [Theory]
    [InlineData(1, 0, 0)]
    [InlineData(0, -1, 0)]
    [InlineData(0, 0, 3)]
    public void A_limit_out_of_range_is_named(long bytes, int seconds, int files) =>
        Assert.StartsWith("ProcessLimits.", Assert.Throws<ArgumentException>(new ProcessLimits { AddressSpaceBytes = bytes, CpuSeconds = seconds, OpenFiles = files }.Validate).Message, StringComparison.Ordinal);

    private static bool HasEnded(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return true; // not there, or gone while it was read
        }
    }
}
