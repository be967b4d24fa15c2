using System.Diagnostics;

namespace StreamPlatform.Tests.Unit.Gateway;

/// <summary>The browser's modules, tested by Node.js's own runner: tests/js/client.</summary>
public sealed class ClientModuleTests
{
    [Theory]
    [InlineData("capture-protocol.test.mjs")]
    [InlineData("opus-encoder.test.mjs")]
    [InlineData("read-aloud.test.mjs")]
    [InlineData("resampler.test.mjs")]
    public async Task The_browser_module_passes_its_tests(string file)
    {
        var folder = Path.Combine(RepositoryRoot(), "tests", "js", "client");
        var start = new ProcessStartInfo("node", ["--test", Path.Combine(folder, file)]) { RedirectStandardOutput = true, RedirectStandardError = true };
        Process node;
        try
        {
            node = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("Node.js is not installed");
            return;
        }

        using (node)
        {
            var output = node.StandardOutput.ReadToEndAsync();
            var errors = node.StandardError.ReadToEndAsync();
            using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            await node.WaitForExitAsync(timeout.Token);
            Assert.True(node.ExitCode == 0, await output + await errors);
        }
    }

    private static string RepositoryRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "StreamPlatform.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("StreamPlatform.sln was not found above the tests.");
        }

        return folder;
    }
}
