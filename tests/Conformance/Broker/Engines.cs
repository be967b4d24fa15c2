using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace StreamPlatform.Tests.Conformance.Broker;

/// <summary>Finds the real engines (folder named by STREAMPLATFORM_ENGINES, else ../shared/engines next to the project) and free ports.</summary>
public static class Engines
{
    /// <summary>The folder of the engines, or null where this machine has none.</summary>
    public static string? Folder()
    {
        var named = Environment.GetEnvironmentVariable("STREAMPLATFORM_ENGINES");
        if (!string.IsNullOrEmpty(named))
        {
            return Directory.Exists(named) ? named : null;
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "StreamPlatform.sln")))
            {
                var engines = Path.GetFullPath(Path.Combine(folder.FullName, "..", "shared", "engines"));
                return Directory.Exists(engines) ? engines : null;
            }
        }

        return null;
    }

    /// <summary>The script that starts Apache Kafka, or null with the reason why it cannot be used.</summary>
    public static (string? Script, string Reason) Kafka()
    {
        if (Folder() is not { } folder)
        {
            return (null, "no engines folder: set STREAMPLATFORM_ENGINES");
        }

        var script = Path.Combine(folder, "kafka", "kafka");
        if (!File.Exists(script))
        {
            return (null, $"{script} is missing");
        }

        return HasJava() ? (script, "") : (null, "java (17 or later) is not on the PATH");
    }

    /// <summary>A pair of ports, n and n + 1, that nothing listens on now.</summary>
    public static int FreePortPair()
    {
        for (var attempt = 0; attempt < 100; attempt++)
        {
            using var first = new TcpListener(IPAddress.Loopback, 0);
            first.Start();
            var port = ((IPEndPoint)first.LocalEndpoint).Port;
            try
            {
                using var second = new TcpListener(IPAddress.Loopback, port + 1);
                second.Start();
                return port;
            }
            catch (SocketException)
            {
                // the neighbour is taken: try another pair
            }
        }

        throw new InvalidOperationException("no two neighbouring free ports on loopback in 100 attempts");
    }

    public static bool HasJava()
    {
        try
        {
            using var java = Process.Start(new ProcessStartInfo("java", "-version") { RedirectStandardError = true, RedirectStandardOutput = true });
            java?.WaitForExit();
            return java?.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
