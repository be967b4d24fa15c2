using StreamPlatform.Tests.Benchmarks.Work;

namespace StreamPlatform.Tests.Benchmarks;

/// <summary><c>bench NAME [--json]</c>, and the workers it starts: <c>worker KIND ...</c>.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        try
        {
            if (args is ["worker", ..]) return await Worker.RunAsync(args[1..]);
            return await BenchRun.RunAsync(BenchOptions.Parse(args));
        }
        catch (BenchFailedException e)
        {
            await Console.Error.WriteLineAsync("bench: " + e.Message);
            return 1;
        }
    }
}

/// <summary>A benchmark that cannot be run or did not end; the message says what to do.</summary>
internal sealed class BenchFailedException(string message) : Exception(message);
