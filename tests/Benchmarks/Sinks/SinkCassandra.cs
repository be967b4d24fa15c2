using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Cassandra;
using Microsoft.Extensions.Logging.Abstractions;
using StreamPlatform.EmotionSeries;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Tests.Conformance.Broker;

namespace StreamPlatform.Tests.Benchmarks.Sinks;

/// <summary>One Apache Cassandra with the tables of the series for one benchmark, on a directory that goes with it.</summary>
internal sealed class SinkCassandra : IAsyncDisposable
{
    private readonly string directory = Path.Combine(Path.GetTempPath(), $"bench-cassandra-{Guid.NewGuid():N}");
    private readonly string script;
    private readonly int port = FreePort();

    private SinkCassandra(string script) => this.script = script;

    public string Files => directory;

    /// <exception cref="BenchFailedException">There is no Apache Cassandra, or no npm cassandra-driver, on this machine.</exception>
    public static async Task<SinkCassandra> StartAsync()
    {
        var script = Engines.Folder() is { } folder ? Path.Combine(folder, "cassandra", "cassandra") : null;
        if (!File.Exists(script) || !Engines.HasJava()) throw new BenchFailedException("the benchmark needs Apache Cassandra (STREAMPLATFORM_ENGINES) and java");
        if (!Directory.Exists(Path.Combine(Js, "node_modules", "cassandra-driver"))) throw new BenchFailedException("npm cassandra-driver is missing: run 'npm ci' in tests/js");
        var started = new SinkCassandra(script);
        Directory.CreateDirectory(started.directory);
        try
        {
            await started.ScriptAsync("start");
            return started;
        }
        catch
        {
            await started.DisposeAsync();
            throw;
        }
    }

    /// <summary>The series in a keyspace of its own.</summary>
    public Task<CassandraSeries> OpenAsync(string keyspace, int maxInFlight, int rowsPerRequest) => CassandraSeries.OpenAsync(
        new CassandraSeriesOptions { ContactPoints = $"127.0.0.1:{port}", Keyspace = keyspace, MaxInFlight = maxInFlight, RowsPerRequest = rowsPerRequest, RequestTimeout = TimeSpan.FromSeconds(60) },
        NullLoggerFactory.Instance, CancellationToken.None);

    public async Task ExecuteAsync(string cql)
    {
        await using var cluster = Cluster.Builder().AddContactPoint($"127.0.0.1:{port}").WithQueryTimeout(120_000).Build();
        await using var session = await cluster.ConnectAsync();
        await session.ExecuteAsync(new SimpleStatement(cql).SetReadTimeoutMillis(120_000));
    }

    /// <summary>npm cassandra-driver in a process of its own; see tests/js/cassandra/sink.mjs.</summary>
    public async Task<JsonObject> NodeAsync(string keyspace, string file, int concurrency, int connections, string mode)
    {
        var output = await RunAsync("node", ["--max-old-space-size=4096", Path.Combine(Js, "cassandra", "sink.mjs"), $"{port}", keyspace, file, $"{concurrency}", $"{connections}", mode]);
        return JsonNode.Parse(output)!.AsObject();
    }

    /// <summary>The INSERT into the table of this keyspace and its values, as the node script reads them.</summary>
    public static async Task WriteRowsAsync(IEnumerable<EmotionObserved> rows, string keyspace, string file)
    {
        await using var text = new StreamWriter(file, append: false, new UTF8Encoding(false), 1 << 20);
        var first = true;
        foreach (var row in rows)
        {
            var values = EmotionTable.Values(row);
            if (first)
            {
                var kinds = new JsonArray([.. values.Select(value => (JsonNode)(value switch { long => "bigint", DateTimeOffset => "timestamp", _ => "" }))]);
                await text.WriteLineAsync(new JsonObject { ["insert"] = EmotionTable.Insert(keyspace), ["kinds"] = kinds }.ToJsonString());
                first = false;
            }

            await text.WriteLineAsync("[" + string.Join(',', values.Select(Json)) + "]");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ScriptAsync("kill");
        Directory.Delete(directory, recursive: true);
    }

    private static string Js => Path.Combine(Root(), "tests", "js");

    private static string Json(object? value) => value switch
    {
        string text => JsonValue.Create(text).ToJsonString(),
        long number => $"\"{number}\"",
        int number => number.ToString(CultureInfo.InvariantCulture),
        float number => number.ToString("R", CultureInfo.InvariantCulture),
        bool flag => flag ? "true" : "false",
        DateTimeOffset time => time.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture),
        _ => "null",
    };

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "StreamPlatform.sln"))) return folder.FullName;
        }

        throw new BenchFailedException("the project's folder is not above this program");
    }

    private Task ScriptAsync(string command) =>
        RunAsync("bash", ["-c", "exec \"$0\" \"$@\" > \"$LOG\" 2>&1", script, command, Path.Combine(directory, "data"), $"{port}"]); // to a file: the node would hold a pipe open

    private async Task<string> RunAsync(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
        start.Environment["LOG"] = Path.Combine(directory, "script.out");
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        var output = await process.StandardOutput.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return process.ExitCode == 0 ? output : throw new BenchFailedException($"{program} {arguments[0]} ended with {process.ExitCode}");
    }

    private static int FreePort()
    {
        while (true)
        {
            using var first = new TcpListener(IPAddress.Loopback, 0);
            first.Start();
            if (((IPEndPoint)first.LocalEndpoint).Port is var free && free + 1001 <= 65_535) return free;
        }
    }
}
