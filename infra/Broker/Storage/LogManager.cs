using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Storage;

/// <summary>All topics on this node: the catalog on disk, the logs, retention. Changes of topics are serialised; lookups take no lock.</summary>
internal sealed class LogManager : ILogManager, IAsyncDisposable
{
    // Internal whoever creates them.
    private static readonly string[] ReservedNames = ["__consumer_offsets", "__transaction_state"];

    private const string CleanFile = ".clean-shutdown";

    private readonly BrokerOptions _options;
    private readonly LogContext _context;
    private readonly DataDirectoryLock _directoryLock;
    private readonly Lock _change = new();
    private readonly ConcurrentDictionary<string, Topic> _topics = new(StringComparer.Ordinal);
    private readonly ITimer _retention;
    private string _clusterId = "";
    private int _retentionRunning;

    private LogManager(BrokerOptions options, TimeProvider time, ILogger logger, DataDirectoryLock directoryLock)
    {
        _options = options;
        _directoryLock = directoryLock;
        _context = new LogContext(time, logger, options.Durability == Durability.Durable ? new Flusher() : null);
        var period = TimeSpan.FromMilliseconds(options.RetentionCheckMs);
        _retention = time.CreateTimer(_ => ApplyRetention(), null, period, period);
    }

    public string ClusterId => _clusterId;

    public event Action<string>? TopicDeleted;

    public IReadOnlyList<ITopic> Topics => [.. _topics.Values.OrderBy(topic => topic.Name, StringComparer.Ordinal)];

    public int PartitionCount => _topics.Values.Sum(topic => topic.Logs.Length);

    /// <summary>Takes the data directory and opens all logs (see <see cref="PartitionLog.Recover"/>). IOException if the directory is in use or not writable.</summary>
    public static LogManager Open(BrokerOptions options, TimeProvider time, ILogger logger)
    {
        var directoryLock = DataDirectoryLock.Acquire(options.DataDirectory);
        LogManager? manager = null;
        try
        {
            manager = new LogManager(options, time, logger, directoryLock);
            manager.Load();
            return manager;
        }
        catch (AggregateException e) when (e.InnerException is IOException first)
        {
            manager?.Abandon();
            directoryLock.Dispose();
            throw new IOException(first.Message, e);
        }
        catch
        {
            manager?.Abandon();
            directoryLock.Dispose();
            throw;
        }
    }

    public Topic? Find(string name) => _topics.GetValueOrDefault(name);
    public Topic? Find(Guid id) => _topics.Values.FirstOrDefault(topic => topic.Id == id);
    public PartitionLog? FindLog(string topic, int partition) => Find(topic)?.Log(partition);

    ITopic? ILogManager.FindTopic(string name) => Find(name);
    ITopic? ILogManager.FindTopic(Guid id) => Find(id);
    IPartitionLog? ILogManager.Find(string topic, int partition) => FindLog(topic, partition);

    public ITopic EnsureInternalTopic(string name, int partitions)
    {
        var (_, topic, message) = Create(name, partitions, new Dictionary<string, string> { [TopicConfig.CleanupPolicy] = "compact" }, isInternal: true);
        return topic ?? throw new InvalidOperationException($"cannot create internal topic {name}: {message}");
    }

    /// <summary>Creates a topic whose name, count and configuration are already checked; with TOPIC_ALREADY_EXISTS the existing one is returned too.</summary>
    public (ErrorCode Error, Topic? Topic, string? Message) Create(string name, int partitions, IReadOnlyDictionary<string, string> configs, bool isInternal = false)
    {
        lock (_change)
        {
            if (Find(name) is { } existing)
            {
                return (ErrorCode.TopicAlreadyExists, existing, $"Topic '{name}' already exists.");
            }
            if (PartitionCount + partitions > _options.MaxPartitions)
            {
                return (ErrorCode.PolicyViolation, null, $"The broker's limit of {_options.MaxPartitions} partitions would be exceeded.");
            }
            var topic = new Topic(name, Guid.NewGuid(), isInternal || ReservedNames.Contains(name), new Dictionary<string, string>(configs, StringComparer.Ordinal));
            topic.Logs = NewLogs(topic, 0, partitions);
            return Commit(() => SaveCatalog(_topics.Values.Append(topic))) is { } error
                ? (error, null, "The topic catalog could not be written.")
                : (ErrorCode.None, _topics[name] = topic, null);
        }
    }

    public (ErrorCode Error, string? Message) Delete(string name)
    {
        Topic? topic;
        lock (_change)
        {
            topic = Find(name);
            if (topic is null)
            {
                return (ErrorCode.UnknownTopicOrPartition, "This server does not host this topic-partition.");
            }
            if (Commit(() => SaveCatalog(_topics.Values.Where(other => other != topic))) is { } error)
            {
                return (error, "The topic catalog could not be written.");
            }
            _topics.TryRemove(name, out _);
            foreach (var log in topic.Logs)
            {
                log.Delete();
            }
            RemoveDirectory(TopicDirectory(topic));
        }
        TopicDeleted?.Invoke(name);
        return (ErrorCode.None, null);
    }

    /// <summary>Grows a topic to <paramref name="partitions"/> in all.</summary>
    public (ErrorCode Error, string? Message) Grow(string name, int partitions, bool validateOnly)
    {
        lock (_change)
        {
            if (Find(name) is not { } topic)
            {
                return (ErrorCode.UnknownTopicOrPartition, "The topic does not exist.");
            }
            var count = topic.Logs.Length;
            if (partitions <= count)
            {
                return (ErrorCode.InvalidPartitions, $"The topic {name} currently has {count} partition(s); {partitions} would not be an increase.");
            }
            if (PartitionCount + partitions - count > _options.MaxPartitions)
            {
                return (ErrorCode.PolicyViolation, $"The broker's limit of {_options.MaxPartitions} partitions would be exceeded.");
            }
            if (validateOnly)
            {
                return default;
            }
            var before = topic.Logs;
            topic.Logs = [.. before, .. NewLogs(topic, count, partitions)];
            if (Commit(() => SaveCatalog(_topics.Values)) is { } error)
            {
                topic.Logs = before;
                return (error, "The topic catalog could not be written.");
            }
            return default;
        }
    }

    /// <summary>Replaces the configuration of a topic by what <paramref name="change"/> makes of it (already checked values).</summary>
    public ErrorCode Configure(string name, Func<IReadOnlyDictionary<string, string>, IReadOnlyDictionary<string, string>> change)
    {
        lock (_change)
        {
            if (Find(name) is not { } topic)
            {
                return ErrorCode.UnknownTopicOrPartition;
            }
            var before = topic.Configs;
            topic.Configure(change(before));
            if (Commit(() => SaveCatalog(_topics.Values)) is { } error)
            {
                topic.Configure(before);
                return error;
            }
            return ErrorCode.None;
        }
    }

    /// <summary>Clean shutdown: everything flushed, indexes and producer tables saved, the marker written last.</summary>
    public async ValueTask DisposeAsync()
    {
        await _retention.DisposeAsync().ConfigureAwait(false);
        if (_context.Flusher is { } flusher)
        {
            await flusher.DisposeAsync().ConfigureAwait(false);
        }
        try
        {
            Parallel.ForEach(_topics.Values.SelectMany(topic => topic.Logs), log => log.Close());
            AtomicFile.Write(Path.Combine(_options.DataDirectory, CleanFile), [], flush: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or AggregateException)
        {
            // Without the marker the next start scans; nothing acknowledged is lost.
            Log.ShutdownNotClean(_context.Logger, e, _options.DataDirectory);
        }
        finally
        {
            _directoryLock.Dispose();
        }
    }

    /// <summary>Applies retention to all partitions now; the timer calls it.</summary>
    public void ApplyRetention()
    {
        if (Interlocked.Exchange(ref _retentionRunning, 1) != 0)
        {
            return;
        }
        try
        {
            foreach (var log in _topics.Values.SelectMany(topic => topic.Logs))
            {
                try
                {
                    log.ApplyRetention(_context.NowMs, _options.ProducerExpiryMs);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    Log.RetentionFailed(_context.Logger, e, log.Topic, log.Partition);
                }
            }
        }
        finally
        {
            Volatile.Write(ref _retentionRunning, 0);
        }
    }

    // Opening failed: stop the threads, save nothing.
    private void Abandon()
    {
        _retention.Dispose();
        _ = _context.Flusher?.DisposeAsync().AsTask();
    }

    private void Load()
    {
        var started = Stopwatch.GetTimestamp();
        var cleanPath = Path.Combine(_options.DataDirectory, CleanFile);
        var clean = File.Exists(cleanPath);
        var catalog = TopicCatalog.Load(_options.DataDirectory);
        _clusterId = catalog.ClusterId;
        foreach (var entry in catalog.Topics)
        {
            var topic = new Topic(entry.Name, entry.Id, entry.Internal, entry.Configs);
            topic.Logs = NewLogs(topic, 0, entry.Partitions);
            _topics[entry.Name] = topic;
        }
        if (catalog.Topics.Count == 0)
        {
            catalog.Save(_options.DataDirectory);
        }
        RemoveOrphans();
        // Gone before anything is appended: a crash from here on means recovery.
        File.Delete(cleanPath);
        var scanned = 0L;
        Parallel.ForEach(_topics.Values.SelectMany(topic => topic.Logs), log =>
        {
            Interlocked.Add(ref scanned, RecoverOne(log, clean));
        });
        Log.LogsOpened(_context.Logger, _topics.Count, PartitionCount, clean, scanned, (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds);
    }

    private static long RecoverOne(PartitionLog log, bool clean)
    {
        try
        {
            return log.Recover(clean);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The log of {log.Topic}-{log.Partition} cannot be opened: {e.Message}", e);
        }
    }

    private PartitionLog[] NewLogs(Topic topic, int from, int to)
    {
        var settings = LogSettings.From(topic.Configs);
        return [.. Enumerable.Range(from, to - from).Select(partition => new PartitionLog(
            topic.Name, partition, Path.Combine(TopicDirectory(topic), partition.ToString(CultureInfo.InvariantCulture)), settings, _context))];
    }

    private string LogsDirectory => Path.Combine(_options.DataDirectory, "logs");

    // The id keeps a recreated topic apart from the remains of its predecessor; the name is for the reader.
    private string TopicDirectory(Topic topic) => Path.Combine(LogsDirectory, $"{topic.Name[..Math.Min(topic.Name.Length, 100)]}-{topic.Id:N}");

    // Directories of topics whose deletion was interrupted.
    private void RemoveOrphans()
    {
        if (!Directory.Exists(LogsDirectory))
        {
            return;
        }
        var known = _topics.Values.Select(TopicDirectory).ToHashSet(StringComparer.Ordinal);
        foreach (var directory in Directory.GetDirectories(LogsDirectory).Where(directory => !known.Contains(directory)))
        {
            RemoveDirectory(directory);
        }
    }

    private void RemoveDirectory(string directory)
    {
        try
        {
            if (Directory.Exists(directory))
            {
                Directory.Delete(directory, recursive: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Retried at the next start as an orphan.
            Log.RemoveFailed(_context.Logger, e, directory);
        }
    }

    private ErrorCode? Commit(Action save)
    {
        try
        {
            save();
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.CatalogFailed(_context.Logger, e);
            return ErrorCode.KafkaStorageError;
        }
    }

    private void SaveCatalog(IEnumerable<Topic> topics) => new TopicCatalog(
        _clusterId,
        [.. topics.OrderBy(topic => topic.Name, StringComparer.Ordinal)
            .Select(topic => new TopicCatalog.Entry(topic.Name, topic.Id, topic.Logs.Length, topic.IsInternal, topic.Configs.ToDictionary()))])
        .Save(_options.DataDirectory);
}
