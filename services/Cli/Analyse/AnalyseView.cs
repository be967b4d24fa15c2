using Spectre.Console;

namespace StreamPlatform.Cli.Analyse;

/// <summary>The progress of an analysis on stderr: a bar on a terminal, a line every few seconds elsewhere.</summary>
internal static class AnalyseView
{
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(5);

    /// <summary>Runs the work and shows what it reports.</summary>
    public static async Task<T> ShowAsync<T>(bool plain, TimeProvider time, Func<IProgress<AnalyseProgress>, Task<T>> work)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        if (plain || Console.IsErrorRedirected || !console.Profile.Capabilities.Interactive)
        {
            return await work(new Lines(time));
        }

        return await console.Progress().AutoClear(false).StartAsync(async context => await work(new Bar(context.AddTask("analysing", maxValue: 1))));
    }

    private sealed class Bar(ProgressTask task) : IProgress<AnalyseProgress>
    {
        public void Report(AnalyseProgress value)
        {
            task.Description = value.Phase;
            task.MaxValue = Math.Max(1, Math.Max(value.Expected, value.Analysed));
            task.Value = value.Analysed;
        }
    }

    private sealed class Lines(TimeProvider time) : IProgress<AnalyseProgress>
    {
        private long last;
        private string phase = "";

        public void Report(AnalyseProgress value)
        {
            if (value.Phase == phase && time.GetElapsedTime(last) < LineInterval)
            {
                return;
            }

            (phase, last) = (value.Phase, time.GetTimestamp());
            Console.Error.WriteLine($"{value.Phase}: {value.Analysed} of about {value.Expected} frames");
        }
    }
}
