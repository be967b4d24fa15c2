using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging.Abstractions;
using StreamPlatform.Broker;
using StreamPlatform.Tests.Conformance.Broker;

namespace StreamPlatform.Tests.Conformance.BrokerWire;

/// <summary>The bytes of every answer, judged by Apache Kafka's own message classes (EveryVersion.java).</summary>
public sealed class EveryVersionTests
{
    [Fact]
    public async Task Every_listed_version_of_every_request_is_answered_in_Kafkas_own_encoding()
    {
        var (script, reason) = Engines.Kafka();
        if (script is null)
        {
            Assert.Skip(reason);
        }
        var directory = Directory.CreateTempSubdirectory("broker-wire-");
        try
        {
            var options = new BrokerOptions { DataDirectory = directory.FullName, AutoCreateTopics = true };
            await using var broker = await KafkaBroker.StartAsync(options, TimeProvider.System, NullLoggerFactory.Instance);
            var (exitCode, output, error) = await RunJavaAsync(Path.Combine(Path.GetDirectoryName(script)!, "libs", "*"), broker.Port);
            if (error.Contains("jdk.compiler", StringComparison.Ordinal))
            {
                Assert.Skip("java has no compiler: a JDK is needed");
            }
            Assert.True(exitCode == 0, error);
            var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.True(lines is [['o', 'k', ' ', ..]], output);
            Assert.True(int.Parse(lines[0][3..]) > 100, output);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static async Task<(int ExitCode, string Output, string Error)> RunJavaAsync(string classPath, int port)
    {
        var start = new ProcessStartInfo("java", ["-Xmx256m", "-cp", classPath, SourceFile(), $"{port}", "every-version"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
        return (process.ExitCode, await output, await error);
    }

    private static string SourceFile([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "EveryVersion.java");
}
