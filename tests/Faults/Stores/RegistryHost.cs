using Microsoft.Extensions.Logging.Abstractions;
using StreamPlatform.Registry;

namespace StreamPlatform.Tests.Faults.Stores;

/// <summary>The embedded registry in a process of its own, so that it can be killed: bootstrap servers, port.</summary>
public static class RegistryHost
{
    /// <summary>Runs until standard input closes. Prints "ready" when it serves.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        await using var server = await SchemaRegistryServer.StartAsync(
            new RegistryOptions { BootstrapServers = args[0], ListenAddress = "127.0.0.1", Port = int.Parse(args[1]), ReplicationFactor = 1 }, NullLoggerFactory.Instance, TimeProvider.System, CancellationToken.None);
        Console.WriteLine("ready");
        await Task.Run(Console.In.ReadToEnd);
        return 0;
    }
}
