namespace StreamPlatform.Cli.Commands;

/// <summary>Prints each step of the start as a line on stderr.</summary>
internal sealed class StepPrinter : IProgress<string>
{
    private readonly long started = TimeProvider.System.GetTimestamp();

    public void Report(string value) => Console.Error.WriteLine($"[{TimeProvider.System.GetElapsedTime(started).TotalSeconds,5:0.0} s] {value}");
}
