using System.Diagnostics;
using System.Text.Json.Nodes;

namespace StreamPlatform.Tests.Conformance.Schemas;

/// <summary>Runs the scripts of tests/js: clients of other makers.</summary>
internal static class NodeClient
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    public static string Root { get; } = FindRoot();

    /// <summary>Skips the test where Node.js or the packages of tests/js are missing.</summary>
    public static void SkipIfMissing()
    {
        Assert.SkipUnless(
            Directory.Exists(Path.Combine(Root, "tests", "js", "node_modules", "@confluentinc", "schemaregistry")),
            "tests/js/node_modules is missing: run 'npm ci' in tests/js");
    }

    /// <summary>Runs a script of tests/js with JSON on its standard input; returns the JSON of its standard output.</summary>
    public static async Task<JsonNode> RunJsonAsync(string script, JsonNode input) =>
        JsonNode.Parse(await RunAsync([Path.Combine(Root, "tests", "js", script)], input.ToJsonString()))!;

    /// <summary>Runs node in tests/js; returns its standard output, or throws with its standard error.</summary>
    public static async Task<string> RunAsync(IEnumerable<string> arguments, string input = "")
    {
        var start = new ProcessStartInfo("node", arguments)
        {
            WorkingDirectory = Path.Combine(Root, "tests", "js"),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            Task<string> error = process.StandardError.ReadToEndAsync();
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
            await process.WaitForExitAsync().WaitAsync(Patience);
            return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"node ended with {process.ExitCode}: {await error}");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "StreamPlatform.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"no folder above {AppContext.BaseDirectory} holds StreamPlatform.sln");
    }
}
