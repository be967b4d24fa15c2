using Microsoft.Extensions.Logging;
using StreamPlatform.Broker;
using StreamPlatform.Broker.Storage;
using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Broker;

/// <summary>Logs on a private directory, opened, closed cleanly or "killed" (reopened without the shutdown marker) by a test.</summary>
internal sealed class LogFixture : IAsyncDisposable
{
    public const string Name = "t";
    private readonly TempDirectory _directory = new();
    private LogManager? _logs;

    public LogFixture(Action<BrokerOptions>? configure = null)
    {
        Options = new BrokerOptions { DataDirectory = _directory.Path };
        configure?.Invoke(Options);
        Open();
    }

    public BrokerOptions Options { get; }
    public VirtualTime Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    public RecordingLogger Logger { get; } = new();
    public long NowMs => Time.GetUtcNow().ToUnixTimeMilliseconds();
    public LogManager Logs => _logs!;
    public PartitionLog Log => Logs.FindLog(Name, 0) ?? Logs.Create(Name, 1, Configs).Topic!.Logs[0];
    public Dictionary<string, string> Configs { get; } = [];

    public string PartitionDirectory => Directory.GetDirectories(System.IO.Path.Combine(_directory.Path, "logs")).Single() + "/0";
    public string LastSegment => Directory.GetFiles(PartitionDirectory, "*.log").Order(StringComparer.Ordinal).Last();

    public void Open() => _logs = LogManager.Open(Options, Time, Logger);

    public async Task RestartAsync()
    {
        await Logs.DisposeAsync();
        Open();
    }

    /// <summary>Restarts as after kill -9; <paramref name="damage"/> may change the files first.</summary>
    public async Task KillAsync(Action? damage = null)
    {
        var copy = Directory.CreateTempSubdirectory("broker-test-copy-").FullName;
        try
        {
            // What a killed process leaves: the files as they are, without what a clean shutdown adds.
            CopyAll(_directory.Path, copy);
            await Logs.DisposeAsync();
            Directory.Delete(_directory.Path, recursive: true);
            Directory.CreateDirectory(_directory.Path);
            CopyAll(copy, _directory.Path);
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
        damage?.Invoke();
        Open();
    }

    public byte[] Batch(int records = 1, long producerId = -1, short epoch = -1, int sequence = -1, bool transactional = false, int valueBytes = 20, long? timestampMs = null)
    {
        var builder = new RecordBatchBuilder(timestampMs ?? NowMs, producerId, epoch, sequence, transactional ? BatchHeader.TransactionalFlag : (short)0);
        for (var i = 0; i < records; i++)
        {
            builder.Add(new byte[] { 1, (byte)i }, new byte[valueBytes]);
        }
        return builder.Build();
    }

    public async Task<AppendResult> AppendAsync(int records = 1, long producerId = -1, short epoch = -1, int sequence = -1, bool transactional = false, int valueBytes = 20, long? timestampMs = null) =>
        await Log.AppendAsync(Batch(records, producerId, epoch, sequence, transactional, valueBytes, timestampMs));

    /// <summary>Offsets of all readable data records.</summary>
    public List<long> Offsets() => [.. RecordBatchReader.ReadAll(Log).SelectMany(batch => batch.Records).Select(record => record.Offset)];

    public async ValueTask DisposeAsync()
    {
        await Logs.DisposeAsync();
        _directory.Dispose();
    }

    private static void CopyAll(string from, string to)
    {
        foreach (var directory in Directory.GetDirectories(from, "*", SearchOption.AllDirectories))
        {
            Directory.CreateDirectory(System.IO.Path.Combine(to, System.IO.Path.GetRelativePath(from, directory)));
        }
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories).Where(file => System.IO.Path.GetFileName(file) != ".lock"))
        {
            File.Copy(file, System.IO.Path.Combine(to, System.IO.Path.GetRelativePath(from, file)));
        }
    }
}

/// <summary>Keeps what was logged.</summary>
internal sealed class RecordingLogger : ILogger, ILoggerFactory
{
    private readonly List<(int Id, string Text, LogLevel Level)> _entries = [];

    public IReadOnlyList<(int Id, string Text, LogLevel Level)> Entries
    {
        get
        {
            lock (_entries)
            {
                return [.. _entries];
            }
        }
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_entries)
        {
            _entries.Add((eventId.Id, formatter(state, exception), logLevel));
        }
    }

    public bool IsEnabled(LogLevel logLevel) => true;
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
    public ILogger CreateLogger(string categoryName) => this;
    public void AddProvider(ILoggerProvider provider) { }
    public void Dispose() { }
}
