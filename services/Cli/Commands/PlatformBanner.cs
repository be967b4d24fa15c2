using StreamPlatform.AllInOne;
using StreamPlatform.Hosting;

namespace StreamPlatform.Cli.Commands;

/// <summary>Says on stderr where a running platform can be reached.</summary>
internal static class PlatformBanner
{
    public static void Print(Platform platform, PlatformOptions options) => Console.Error.WriteLine($"""

        StreamPlatform is running. Ctrl-C stops it.
          pages     {platform.Address}
          kafka     {platform.BootstrapServers}
          registry  {platform.RegistryAddress}
          data      {options.Data}

        """);
}
