using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace StreamPlatform.Tests.EndToEnd.Support;

/// <summary>A real Apache Cassandra for one test; the test is skipped where there is none.</summary>
public sealed class ApacheCassandra : IAsyncDisposable
{
    private readonly string script;
    private readonly string data;
    private readonly int port;
    private string settings = "";

    private ApacheCassandra(string script, string data, int port)
    {
        this.script = script;
        this.data = data;
        this.port = port;
    }

    public string ContactPoint => $"127.0.0.1:{port}";

    /// <summary>The certificate that clients of a secured node have to trust, as PEM.</summary>
    public string CertificateFile => Path.Combine(data, "node.pem");

    /// <param name="secured">TLS only, with a certificate of its own for 127.0.0.1, and user and password "cassandra".</param>
    public static async Task<ApacheCassandra> StartAsync(bool secured = false)
    {
        var script = Repository.Engines is { } engines ? Path.Combine(engines, "cassandra", "cassandra") : null;
        if (script is null || !File.Exists(script))
        {
            Assert.Skip("no real Apache Cassandra: set STREAMPLATFORM_ENGINES to the folder of the engines");
        }

        if (!Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(p => File.Exists(Path.Combine(p, "java"))))
        {
            Assert.Skip("no java for Apache Cassandra");
        }

        var cassandra = new ApacheCassandra(script!, Path.Combine(Path.GetTempPath(), "sp-cassandra-" + Guid.NewGuid().ToString("N")[..8]), FreePort());
        if (secured)
        {
            await cassandra.SecureAsync();
        }

        await cassandra.RunAsync("start");
        return cassandra;
    }

    public async ValueTask DisposeAsync()
    {
        await RunAsync("kill");
        if (Directory.Exists(data))
        {
            Directory.Delete(data, recursive: true);
        }
    }

    // The script takes ports 1000 and 1001 above for the node's own.
    private static int FreePort()
    {
        while (true)
        {
            using var first = new TcpListener(IPAddress.Loopback, 0);
            first.Start();
            var port = ((IPEndPoint)first.LocalEndpoint).Port;
            if (port + 1001 <= 65_535 && IsFree(port + 1000) && IsFree(port + 1001))
            {
                return port;
            }
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private async Task SecureAsync()
    {
        Directory.CreateDirectory(data);
        var keys = Path.Combine(data, "node.p12");
        await KeytoolAsync(keys, "-genkeypair", "-keyalg", "EC", "-groupname", "secp256r1", "-dname", "CN=a node", "-ext", "san=ip:127.0.0.1", "-ext", "bc:c=ca:true", "-validity", "2");
        await KeytoolAsync(keys, "-exportcert", "-rfc", "-file", CertificateFile);
        settings = "-Dcassandra.config.allow_system_properties=true " + string.Join(
            ' ',
            new[] { "enabled=true", "optional=false", "store_type=PKCS12", $"keystore={keys}", "keystore_password=cassandra" }.Select(s => "-Dcassandra.settings.client_encryption_options." + s));
    }

    private static async Task KeytoolAsync(string keys, params string[] arguments)
    {
        using var keytool = Process.Start(new ProcessStartInfo("keytool", [.. arguments, "-alias", "node", "-keystore", keys, "-storetype", "PKCS12", "-storepass", "cassandra"])
        {
            RedirectStandardError = true, // where it tells what it does
        })!;
        var told = keytool.StandardError.ReadToEndAsync();
        await keytool.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
        Assert.True(keytool.ExitCode == 0, await told);
    }

    // To a file: the node outlives the script and would hold a pipe open.
    private async Task RunAsync(string command)
    {
        Directory.CreateDirectory(data);
        var start = new ProcessStartInfo("bash", ["-c", "exec \"$0\" \"$@\" > \"$LOG\" 2>&1", script, command, data, $"{port}"]);
        start.Environment["LOG"] = Path.Combine(data, "script.out");
        start.Environment["CASSANDRA_HEAP"] = "512m";
        if (settings.Length > 0)
        {
            start.Environment["CASSANDRA_AUTH"] = "1";
            start.Environment["JAVA_TOOL_OPTIONS"] = settings;
        }

        using var process = Process.Start(start)!;
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(3));
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"cassandra {command} ended with {process.ExitCode}");
        }
    }
}
