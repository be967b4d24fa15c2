using System.Diagnostics;
using Xunit;

namespace StreamPlatform.Tests.EndToEnd.Support;

/// <summary>Scripts of tests/js: clients of other makers, and a real browser.</summary>
public static class NodeScript
{
    /// <summary>Runs <c>node SCRIPT ARGS</c> in tests/js; skips the test where its packages are not installed.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(TimeSpan timeout, string script, params string[] args)
    {
        Assert.SkipUnless(Directory.Exists(Path.Combine(Repository.Js, "node_modules")), "tests/js/node_modules is missing: run npm ci in tests/js");
        var start = new ProcessStartInfo("node", [script, .. args])
        {
            WorkingDirectory = Repository.Js,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync();
            var errors = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync().WaitAsync(timeout);
            return (process.ExitCode, await output, await errors);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}
