using System.CommandLine;
using System.Net.WebSockets;
using StreamPlatform.AllInOne;
using StreamPlatform.Hosting;

namespace StreamPlatform.Cli.Commands;

/// <summary>The commands of <c>./streamplatform</c> that are not handled by the script itself.</summary>
public static class CommandLine
{
    /// <summary>Exit code of a command that was used wrongly or could not do its work.</summary>
    public const int Failure = 1;

    // Ctrl-C is an orderly stop of every part; the library's own default would cut it off after 2 s.
    private static readonly TimeSpan StopBudget = TimeSpan.FromMinutes(2);

    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("StreamPlatform analyses live interviews on Kafka topics. Start with: ./streamplatform demo")
        {
            DemoCommand.Create(),
            AnalyseCommand.Create(),
            UpCommand.Create(),
            StatusCommand.Create(),
            DlqCommand.Create(),
            new ArchiveCommand((options, loggers) => MediaStores.Open(options, TimeProvider.System, loggers).Objects).Create(),
            InternalCommands.Create(),
        };
        // The script handles these before the program starts; they are listed so that --help shows them.
        root.Add(new Command("doctor", "Say what this machine has, what will be installed and what is missing"));
        root.Add(new Command("test", "Run the tests; test --all adds faults and load"));
        root.Add(new Command("bench", "Measure the platform beside its peers: bench NAME [--json] [--runs N] [--records N] [--hold SECONDS]"));
        try
        {
            return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = StopBudget });
        }
        catch (Exception e) when (e is ArgumentException or IOException or UnauthorizedAccessException or PlatformException or Demo.DemoFailedException or Analyse.AnalyseException or Gateway.Kafka.EventWriteException
            or Streams.StreamsConfigurationException or Streams.TransportException or TimeoutException or HttpRequestException or WebSocketException)
        {
            await Console.Error.WriteLineAsync("streamplatform: " + e.Message);
            return Failure;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("streamplatform: stopped");
            return Failure;
        }
    }
}
