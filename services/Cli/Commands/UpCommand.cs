using System.CommandLine;
using Microsoft.Extensions.Logging;
using StreamPlatform.AllInOne;

namespace StreamPlatform.Cli.Commands;

/// <summary><c>up</c>: the platform, until Ctrl-C.</summary>
internal static class UpCommand
{
    public static Command Create()
    {
        var command = new Command("up", "Run the platform until Ctrl-C; a later start on the same data shows the earlier interviews");
        var arguments = new PlatformArguments();
        arguments.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            var options = arguments.Read(parsed, LogLevel.Information);
            await using var platform = await Platform.StartAsync(options, TimeProvider.System, new StepPrinter(), ct);
            PlatformBanner.Print(platform, options);
            try
            {
                await platform.Failed.WaitAsync(ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                await Console.Error.WriteLineAsync("stopping ...");
            }

            return 0;
        });
        return command;
    }
}
