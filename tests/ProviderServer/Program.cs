using System.Globalization;

namespace StreamPlatform.TestProvider;

/// <summary><c>--port N</c> (default: a free one), <c>--model sensible|gullible</c>, <c>--latency MS</c>: a stand-in for an OpenAI-compatible provider until Ctrl-C.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        var options = new ProviderServerOptions();
        for (var i = 0; i + 1 < args.Length; i += 2)
        {
            switch (args[i])
            {
                case "--port":
                    options.Port = int.Parse(args[i + 1], CultureInfo.InvariantCulture);
                    break;
                case "--model":
                    options.Chat = ChatModels.Named(args[i + 1]);
                    break;
                case "--latency":
                    options.Latency = TimeSpan.FromMilliseconds(int.Parse(args[i + 1], CultureInfo.InvariantCulture));
                    break;
                default:
                    await Console.Error.WriteLineAsync($"unknown option {args[i]}; there are --port N, --model sensible|gullible, --latency MS");
                    return 1;
            }
        }

        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, e) =>
        {
            e.Cancel = true;
            stop.Cancel();
        };
        await using var server = await ProviderServer.StartAsync(options);
        Console.WriteLine($"serving at {server.BaseUrl}; faults: POST {server.Address}control; Ctrl-C stops it");
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, stop.Token);
        }
        catch (OperationCanceledException)
        {
        }

        return 0;
    }
}
