using System.Diagnostics;
using System.Text.Json.Nodes;

namespace StreamPlatform.Tests.Benchmarks.Interviews;

/// <summary>A load generator of this program in a process of its own.</summary>
internal static class LoadProcess
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    /// <exception cref="BenchFailedException">It failed or did not end.</exception>
    public static async Task<JsonObject> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["worker", .. arguments]) { RedirectStandardOutput = true })!;
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            var output = await process.StandardOutput.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            var line = output.Split('\n').LastOrDefault(l => l.StartsWith('{'));
            return process.ExitCode == 0 && line is not null ? JsonNode.Parse(line)!.AsObject() : throw new BenchFailedException($"the load generator {arguments[0]} ended with {process.ExitCode}: {output}");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new BenchFailedException($"the load generator {arguments[0]} did not end within {Limit.TotalMinutes:0} minutes");
        }
    }
}
