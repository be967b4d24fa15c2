using Spectre.Console;

namespace StreamPlatform.Cli.Demo;

/// <summary>The live progress of a demo on stderr: bars on a terminal, a line every few seconds elsewhere.</summary>
public sealed class DemoView : IProgress<DemoProgress>, IAsyncDisposable
{
    private const int LineEveryReports = 10;

    private readonly Lock gate = new();
    private readonly IAnsiConsole console;
    private readonly TextWriter lines;
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task live = Task.CompletedTask;
    private readonly bool interactive;
    private DemoProgress last = new("starting", 1, -1, 0, 0, 0, 0, 0);
    private string phase = "";
    private bool announced;
    private int reports;

    /// <summary>On stderr.</summary>
    /// <param name="plain">Lines instead of a live table.</param>
    public DemoView(bool plain)
        : this(plain || Console.IsErrorRedirected, Console.Error, AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) }))
    {
    }

    internal DemoView(bool plain, TextWriter lines, IAnsiConsole console)
    {
        this.console = console;
        this.lines = lines;
        interactive = !plain && console.Profile.Capabilities.Interactive;
        if (interactive)
        {
            live = console.Live(Draw()).AutoClear(false).StartAsync(ShowAsync);
        }
    }

    public void Report(DemoProgress value)
    {
        lock (gate)
        {
            last = value;
            if (!interactive && !announced && value.LivePage is { } page)
            {
                announced = true;
                lines.WriteLine($"live page: {page}");
            }

            if (!interactive && (value.Phase != phase || ++reports % LineEveryReports == 0))
            {
                phase = value.Phase;
                lines.WriteLine(
                    $"{value.Phase}: question {Math.Max(0, value.Question) + 1}, frames {value.FramesAcked}/{value.FramesSent} acked, audio {value.ChunksAcked}/{value.ChunksSent} acked, complete {value.Complete}/{value.Interviews}");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        ended.TrySetResult();
        await live;
    }

    private async Task ShowAsync(LiveDisplayContext context)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        while (!ended.Task.IsCompleted)
        {
            context.UpdateTarget(Draw());
            await Task.WhenAny(ended.Task, timer.WaitForNextTickAsync().AsTask());
        }

        context.UpdateTarget(Draw());
    }

    private Table Draw()
    {
        lock (gate)
        {
            var table = new Table().Border(TableBorder.Rounded).AddColumn(Markup.Escape(last.Phase)).AddColumn(new TableColumn("acked").RightAligned()).AddColumn(new TableColumn("sent").RightAligned());
            table.AddRow("question", "", (Math.Max(0, last.Question) + 1).ToString());
            table.AddRow("frames", last.FramesAcked.ToString(), last.FramesSent.ToString());
            table.AddRow("audio chunks", last.ChunksAcked.ToString(), last.ChunksSent.ToString());
            table.AddRow("interviews complete", last.Complete.ToString(), last.Interviews.ToString());
            if (last.LivePage is { } page)
            {
                table.Caption(Markup.Escape($"live page: {page}"));
            }

            return table;
        }
    }
}
