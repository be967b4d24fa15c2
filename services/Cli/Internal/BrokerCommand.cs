using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using StreamPlatform.Broker;

namespace StreamPlatform.Cli.Internal;

/// <summary>
/// `streamplatform internal broker --data DIR [--port N] [--durability durable|os] [--min-session-timeout-ms N] [--abort-check-ms N]`:
/// the embedded broker alone in a process, for tests that kill it. Prints "ready HOST:PORT" on stdout when it serves (the log goes to stderr);
/// stops cleanly on SIGTERM, Ctrl-C or the end of stdin, so that it never outlives whoever started it.
/// </summary>
public static class BrokerCommand
{
    /// <summary>Arguments without "internal broker". Exit code: 0 after a clean stop, 2 bad arguments, 1 the broker could not start.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        using var loggers = LoggerFactory.Create(log => log
            .SetMinimumLevel(LogLevel.Information)
            .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace));
        try
        {
            await using var broker = await KafkaBroker.StartAsync(Parse(arguments), TimeProvider.System, loggers);
            Console.WriteLine($"ready {broker.BootstrapServers}");
            await UntilToldToStopAsync();
            return 0;
        }
        catch (ArgumentException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 2;
        }
        catch (IOException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }

    private static BrokerOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new BrokerOptions();
        for (var i = 0; i < arguments.Count; i += 2)
        {
            var value = i + 1 < arguments.Count ? arguments[i + 1] : throw new ArgumentException($"{arguments[i]} needs a value");
            switch (arguments[i])
            {
                case "--data":
                    options.DataDirectory = value;
                    break;
                case "--port":
                    options.Port = Number(arguments[i], value);
                    break;
                case "--durability":
                    options.Durability = Enum.TryParse<Durability>(value, ignoreCase: true, out var durability)
                        ? durability : throw new ArgumentException($"--durability {value}: durable or os");
                    break;
                case "--min-session-timeout-ms":
                    options.Groups.MinSessionTimeoutMs = Number(arguments[i], value);
                    break;
                case "--abort-check-ms":
                    options.Transactions.AbortTimedOutCheckMs = Number(arguments[i], value);
                    break;
                default:
                    throw new ArgumentException($"unknown option {arguments[i]}; known: --data --port --durability --min-session-timeout-ms --abort-check-ms");
            }
        }
        return options;
    }

    private static int Number(string option, string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new ArgumentException($"{option} {value}: a number is needed");

    private static async Task UntilToldToStopAsync()
    {
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        var input = Task.Run(() => Console.In.ReadToEnd());
        await Task.WhenAny(stop.Task, input);

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.TrySetResult();
        }
    }
}
