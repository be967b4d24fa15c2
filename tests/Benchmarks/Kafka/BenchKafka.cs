using System.Diagnostics;
using System.Text.Json.Nodes;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using StreamPlatform.Tests.Conformance.Broker;

namespace StreamPlatform.Tests.Benchmarks.Kafka;

/// <summary>One Apache Kafka for one benchmark, with its Java peers. Data in a temporary folder that goes with it.</summary>
internal sealed class BenchKafka : IAsyncDisposable
{
    private const string Properties = """
        log.segment.delete.delay.ms=1000
        log.retention.check.interval.ms=300000
        num.network.threads=2
        num.io.threads=4
        """;

    private readonly string engines;
    private readonly string data;
    private readonly int port;

    private BenchKafka(string engines)
    {
        this.engines = engines;
        data = Path.Combine(Path.GetTempPath(), "bench-kafka-" + Guid.NewGuid().ToString("N"));
        port = Engines.FreePortPair();
    }

    public string BootstrapServers => $"127.0.0.1:{port}";

    /// <exception cref="BenchFailedException">There is no Apache Kafka on this machine.</exception>
    public static async Task<BenchKafka> StartAsync()
    {
        var (script, reason) = Engines.Kafka();
        if (script is null) throw new BenchFailedException($"the benchmarks need Apache Kafka and its peers: {reason}");
        var kafka = new BenchKafka(Engines.Folder()!);
        Directory.CreateDirectory(kafka.data);
        await File.WriteAllTextAsync(Path.Combine(kafka.data, "extra.properties"), Properties);
        Say.Line($"starting Apache Kafka on port {kafka.port}");
        try { await kafka.RunAsync(script, ["start", kafka.data, $"{kafka.port}"]); }
        catch { await kafka.DisposeAsync(); throw; }
        return kafka;
    }

    /// <summary>Creates a topic and, after the work, deletes it with <see cref="DeleteAsync"/>.</summary>
    public async Task CreateAsync(string topic, int partitions = 4, Dictionary<string, string>? config = null)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = BootstrapServers }).Build();
        await admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = partitions, ReplicationFactor = 1, Configs = config ?? [] }]);
    }

    /// <summary>Deletes every topic but <paramref name="keep"/> and Kafka's own.</summary>
    public async Task DeleteAllButAsync(params string[] keep)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = BootstrapServers }).Build();
        var gone = admin.GetMetadata(TimeSpan.FromSeconds(20)).Topics.Select(t => t.Topic).Where(t => !t.StartsWith("__", StringComparison.Ordinal) && !keep.Contains(t)).ToList();
        if (gone.Count > 0) await admin.DeleteTopicsAsync(gone);
    }

    public async Task FillAsync(string topic, long records, int valueBytes, int keys, int partitions = 4)
    {
        await CreateAsync(topic, partitions);
        Say.Line($"filling {topic} with {records:n0} records of {valueBytes} bytes");
        await RunAsync(Peer, ["FillTopic", BootstrapServers, topic, $"{records}", $"{valueBytes}", $"{keys}"]);
    }

    /// <summary>A Java peer; its last line is a JSON object.</summary>
    public Task<JsonObject> PeerAsync(params string[] arguments) => JsonOfAsync(Peer, arguments);

    /// <summary>A worker of this program in a process of its own, as a peer is.</summary>
    public Task<JsonObject> WorkerAsync(params string[] arguments) => JsonOfAsync(Environment.ProcessPath!, ["worker", .. arguments]);

    /// <summary>A worker whose work is over within half a second: profiling of hot code, which pays off over a longer life, is off.</summary>
    public Task<JsonObject> ShortWorkerAsync(params string[] arguments) => JsonOfAsync(Environment.ProcessPath!, ["worker", .. arguments], ("DOTNET_TieredPGO", "0"));

    private string Peer => Path.Combine(engines, "kafka-streams", "peer");

    private async Task<JsonObject> JsonOfAsync(string program, string[] arguments, params (string Name, string Value)[] environment)
    {
        var output = await RunAsync(program, arguments, environment);
        var line = output.Split('\n').LastOrDefault(l => l.StartsWith('{')) ?? throw new BenchFailedException($"{Path.GetFileName(program)} {arguments[0]} printed no result:\n{output}");
        return JsonNode.Parse(line)!.AsObject();
    }

    private async Task<string> RunAsync(string program, IReadOnlyList<string> arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["KAFKA_PROPS"] = Path.Combine(data, "extra.properties");
        start.Environment["TMPDIR"] = data;
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(6));
        try
        {
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            var output = await process.StandardOutput.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return process.ExitCode == 0 ? output : throw new BenchFailedException($"{Path.GetFileName(program)} {arguments[0]} failed: {await error}{output}");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new BenchFailedException($"{Path.GetFileName(program)} {arguments[0]} did not end within 6 minutes");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await RunAsync(Path.Combine(engines, "kafka", "kafka"), ["kill", data, $"{port}"]);
        try { Directory.Delete(data, recursive: true); }
        catch (DirectoryNotFoundException) { }
    }
}
