using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using StreamPlatform.Tests.Conformance.Broker;

namespace StreamPlatform.Tests.Conformance.Cassandra;

/// <summary>Apache Cassandra 5.0, the judge: one node in a temporary directory on a free port, started once for all classes of <see cref="OnCassandra"/>, killed at the end.</summary>
public class CassandraFixture : IAsyncLifetime
{
    // An answer comes after the commit log's sync: with the script's periodic sync, SIGKILL of a single node loses up to a second of what it has acknowledged.
    private const string GroupCommit =
        "-Dcassandra.config.allow_system_properties=true -Dcassandra.settings.commitlog_sync=group -Dcassandra.settings.commitlog_sync_period=0ms -Dcassandra.settings.commitlog_sync_group_window=10ms";

    private readonly string data = Path.Combine(Path.GetTempPath(), "conformance-cassandra-" + Guid.NewGuid().ToString("N"));
    private readonly string? script;
    private readonly bool authenticated;
    private string moreSettings = "";

    public CassandraFixture()
        : this(authenticated: false)
    {
    }

    protected CassandraFixture(bool authenticated)
    {
        this.authenticated = authenticated;
        (script, SkipReason) = Find();
    }

    /// <summary>Why this machine has none; null: it has one.</summary>
    public string? SkipReason { get; }

    public IPEndPoint EndPoint { get; } = new(IPAddress.Loopback, FreePort());

    public void SkipIfMissing() => Assert.SkipUnless(SkipReason is null, SkipReason ?? "");

    public async ValueTask InitializeAsync()
    {
        if (script is not null)
        {
            Directory.CreateDirectory(data);
            moreSettings = await PrepareAsync(data);
            await RunAsync("start");
        }
    }

    /// <summary>SIGKILL, then a start on the same data and port.</summary>
    public async Task CrashAndRestartAsync()
    {
        await RunAsync("kill");
        await RunAsync("start");
    }

    /// <summary>SIGKILL; <see cref="StartAsync"/> brings it back.</summary>
    public Task CrashAsync() => RunAsync("kill");

    public Task StartAsync() => RunAsync("start");

    /// <summary>What the node has logged since its latest start.</summary>
    public Task<string[]> LogAsync() => File.ReadAllLinesAsync(Path.Combine(data, "server.out"));

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (script is not null)
        {
            await RunAsync("kill");
            Directory.Delete(data, recursive: true);
        }
    }

    /// <summary>What a node of another kind needs in its directory before it starts; returns further settings of the Java machine.</summary>
    protected virtual Task<string> PrepareAsync(string folder) => Task.FromResult("");

    private static (string? Script, string? Reason) Find()
    {
        if (Engines.Folder() is not { } folder)
        {
            return (null, "no engines folder: set STREAMPLATFORM_ENGINES");
        }
        string path = Path.Combine(folder, "cassandra", "cassandra");
        return !File.Exists(path) ? (null, $"{path} is missing") : Engines.HasJava() ? (path, null) : (null, "java (17 or later) is not on the PATH");
    }

    /// <summary>A port p with p + 1000 and p + 1001 (the script's storage ports) free too.</summary>
    private static int FreePort()
    {
        for (int attempt = 0; attempt < 100; attempt++)
        {
            using TcpListener cql = new(IPAddress.Loopback, 0);
            cql.Start();
            int port = ((IPEndPoint)cql.LocalEndpoint).Port;
            if (port + 1001 <= 65_535 && IsFree(port + 1000) && IsFree(port + 1001))
            {
                return port;
            }
        }
        throw new InvalidOperationException("no three free ports on loopback in 100 attempts");
    }

    private static bool IsFree(int port)
    {
        try
        {
            using TcpListener listener = new(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private async Task RunAsync(string command)
    {
        // The node outlives the script and would hold its pipes open: both go to a file.
        string log = Path.Combine(data, "script.out");
        ProcessStartInfo start = new("bash", ["-c", "exec \"$0\" \"$@\" >\"$SCRIPT_OUT\" 2>&1", script!, command, data, $"{EndPoint.Port}"]);
        start.Environment["SCRIPT_OUT"] = log;
        start.Environment["CASSANDRA_HEAP"] = "512m";
        start.Environment["JAVA_TOOL_OPTIONS"] = $"{GroupCommit} {moreSettings}";
        if (authenticated)
        {
            start.Environment["CASSANDRA_AUTH"] = "1";
        }
        using Process process = Process.Start(start)!;
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(150));
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"cassandra {command} failed: {await File.ReadAllTextAsync(log)}");
        }
    }
}

/// <summary>The same with user and password "cassandra".</summary>
public sealed class CassandraWithPasswordFixture() : CassandraFixture(authenticated: true);

/// <summary>Classes that share one node.</summary>
[CollectionDefinition(Name)]
public sealed class OnCassandra : ICollectionFixture<CassandraFixture>
{
    public const string Name = "Apache Cassandra";
}

/// <summary>Classes that share one node that asks for a password; one after the other, for one kills it.</summary>
[CollectionDefinition(Name)]
public sealed class OnCassandraWithPassword : ICollectionFixture<CassandraWithPasswordFixture>
{
    public const string Name = "Apache Cassandra with a password";
}
