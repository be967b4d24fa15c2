using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using StreamPlatform.Broker.Requests;
using StreamPlatform.Broker.Storage;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Groups;

/// <summary>One offset to commit.</summary>
internal readonly record struct OffsetToCommit(PartitionKey Partition, long Offset, int LeaderEpoch, string? Metadata);

/// <summary>
/// Consumer groups of this broker: membership and committed offsets, kept in __consumer_offsets. Each group has one lock; an offset counts once its
/// record is appended as durably as the broker's options say, and of two commits the one later in the log wins.
/// </summary>
internal sealed class GroupCoordinator : IBrokerModule
{
    private readonly ConcurrentDictionary<string, Group> _groups = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<long, ConcurrentDictionary<string, Group>> _groupsByProducer = new();
    private readonly BrokerServices _services;
    private readonly GroupOptions _options;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private OffsetsLog? _log;
    private Task _expiry = Task.CompletedTask;

    public GroupCoordinator(BrokerServices services)
    {
        _services = services;
        _options = services.Options.Groups;
        _logger = services.Loggers.CreateLogger<GroupCoordinator>();
        Handlers =
        [
            new OffsetCommitHandler(this), new OffsetFetchHandler(this), new FindCoordinatorHandler(services), new JoinGroupHandler(this), new HeartbeatHandler(this),
            new LeaveGroupHandler(this), new SyncGroupHandler(this), new DescribeGroupsHandler(this), new ListGroupsHandler(this), new DeleteGroupsHandler(this),
            new OffsetDeleteHandler(this),
        ];
    }

    public IReadOnlyList<IRequestHandler> Handlers { get; }

    public GroupOptions Options => _options;

    public IEnumerable<Group> Groups => _groups.Values;

    private OffsetsLog Log => _log ?? throw new InvalidOperationException("the group coordinator is not started");

    public ValueTask StartAsync(CancellationToken cancel)
    {
        _log = new OffsetsLog(_services.Logs, _options, _services.Time, _logger);
        var started = _services.Time.MonotonicMs();
        var offsets = OffsetsLoader.Load(this, _log, _logger, cancel);
        foreach (var group in _groups.Values)
        {
            group.StartSessions();
        }
        GroupLog.Loaded(_logger, _groups.Count, offsets, _services.Time.MonotonicMs() - started);
        _services.Logs.TopicDeleted += OnTopicDeleted;
        _expiry = ExpireAsync();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        _services.Logs.TopicDeleted -= OnTopicDeleted;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _expiry.ConfigureAwait(false);
        foreach (var group in _groups.Values)
        {
            group.Dispose();
        }
        _stop.Dispose();
    }

    public Group? Find(string id) => _groups.GetValueOrDefault(id);

    public Group GetOrAdd(string id)
    {
        while (true)
        {
            var group = _groups.GetOrAdd(id, static (key, self) => new Group(key, self._services.Time, self._options, self.Log), this);
            if (group.Summary().State != GroupState.Dead)
            {
                return group;
            }
            _groups.TryRemove(new KeyValuePair<string, Group>(id, group));
        }
    }

    /// <summary>The partition of __consumer_offsets that a transaction with offsets of this group ends.</summary>
    public PartitionKey OffsetsPartitionFor(string group) => new(OffsetsLog.TopicName, Log.PartitionFor(group));

    /// <summary>Commits offsets and says for each what became of it, in order.</summary>
    /// <param name="groupId">The group; made if nobody is in it and the identity claims no membership.</param>
    /// <param name="who">Fenced by member, instance and generation.</param>
    /// <param name="offsets">What to commit.</param>
    /// <param name="producer">The producer whose transaction makes them visible; null: at once.</param>
    public async ValueTask<ErrorCode[]> CommitAsync(
        string groupId, MemberIdentity who, IReadOnlyList<OffsetToCommit> offsets, (long Id, short Epoch)? producer = null)
    {
        var results = new ErrorCode[offsets.Count];
        var error = groupId.Length == 0 ? ErrorCode.InvalidGroupId : ErrorCode.None;
        var group = Find(groupId);
        if (error == ErrorCode.None && group is null && who.Generation >= 0)
        {
            error = ErrorCode.IllegalGeneration;
        }
        if (error == ErrorCode.None)
        {
            group ??= GetOrAdd(groupId);
            error = group.CheckCommit(who, producer is not null);
        }
        if (error != ErrorCode.None)
        {
            Array.Fill(results, error);
            return results;
        }
        var good = new List<(PartitionKey Partition, long Offset, int LeaderEpoch, string Metadata)>(offsets.Count);
        for (var i = 0; i < results.Length; i++)
        {
            results[i] = CheckOffset(offsets[i]);
            if (results[i] == ErrorCode.None)
            {
                good.Add((offsets[i].Partition, offsets[i].Offset, offsets[i].LeaderEpoch, offsets[i].Metadata ?? ""));
            }
        }
        if (good.Count > 0 && await StoreAsync(group!, good, producer).ConfigureAwait(false) is var failure and not ErrorCode.None)
        {
            Array.Fill(results, failure);
        }
        return results;
    }

    /// <summary>A transaction's marker was written to one partition of __consumer_offsets: its offsets there take effect, or are dropped.</summary>
    public void EndTransaction(long producerId, int offsetsPartition, bool commit)
    {
        if (!_groupsByProducer.TryGetValue(producerId, out var groups))
        {
            return;
        }
        foreach (var group in groups.Values)
        {
            if (Log.PartitionFor(group.Id) == offsetsPartition)
            {
                group.EndPending(producerId, commit);
                groups.TryRemove(group.Id, out _);
            }
        }
        if (groups.IsEmpty)
        {
            _groupsByProducer.TryRemove(producerId, out _);
        }
    }

    /// <summary>Remembers an offset that becomes visible when the producer's transaction commits.</summary>
    public void AddPending(Group group, long producerId, PartitionKey partition, CommittedOffset offset)
    {
        _groupsByProducer.GetOrAdd(producerId, _ => new ConcurrentDictionary<string, Group>(StringComparer.Ordinal))[group.Id] = group;
        group.ApplyPending(producerId, partition, offset);
    }

    /// <summary>Removes offsets of a group, in the log first.</summary>
    public async ValueTask<ErrorCode> RemoveOffsetsAsync(Group group, IReadOnlyList<PartitionKey> partitions)
    {
        var result = await Log.AppendRemoval(group.Id, partitions, andGroup: false).ConfigureAwait(false);
        if (result.Error != ErrorCode.None)
        {
            return Unavailable(result.Error);
        }
        foreach (var partition in partitions)
        {
            group.RemoveOffset(partition);
        }
        return ErrorCode.None;
    }

    /// <summary>Removes a group that has no members, with its offsets.</summary>
    public async ValueTask<ErrorCode> DeleteAsync(string groupId)
    {
        if (Find(groupId) is not { } group)
        {
            return ErrorCode.GroupIdNotFound;
        }
        return await KillAsync(group, evenWithOffsets: true).ConfigureAwait(false);
    }

    /// <summary>For the loader: takes a group out without writing.</summary>
    public void Forget(string groupId)
    {
        if (_groups.TryRemove(groupId, out var group))
        {
            group.Dispose();
        }
    }

    private async ValueTask<ErrorCode> KillAsync(Group group, bool evenWithOffsets)
    {
        var error = group.TryKill(evenWithOffsets, offsets => Log.AppendRemoval(group.Id, offsets, andGroup: true), out var burial);
        if (error != ErrorCode.None)
        {
            return error;
        }
        _groups.TryRemove(new KeyValuePair<string, Group>(group.Id, group));
        group.Dispose();
        var result = await burial.ConfigureAwait(false);
        return result.Error == ErrorCode.None ? ErrorCode.None : Unavailable(result.Error);
    }

    private ErrorCode CheckOffset(OffsetToCommit offset) =>
        _services.Logs.Find(offset.Partition.Topic, offset.Partition.Partition) is null ? ErrorCode.UnknownTopicOrPartition
        : offset.Metadata is { } text && System.Text.Encoding.UTF8.GetByteCount(text) > _options.MaxOffsetMetadataBytes ? ErrorCode.OffsetMetadataTooLarge
        : ErrorCode.None;

    private async ValueTask<ErrorCode> StoreAsync(
        Group group, List<(PartitionKey Partition, long Offset, int LeaderEpoch, string Metadata)> offsets, (long Id, short Epoch)? producer)
    {
        var now = _services.Time.UnixMs();
        var append = producer is { } p ? Log.AppendOffsets(group.Id, offsets, now, p.Id, p.Epoch) : Log.AppendOffsets(group.Id, offsets, now);
        var result = await append.ConfigureAwait(false);
        if (result.Error != ErrorCode.None)
        {
            return Unavailable(result.Error);
        }
        for (var i = 0; i < offsets.Count; i++)
        {
            var (partition, offset, leaderEpoch, metadata) = offsets[i];
            var committed = new CommittedOffset(offset, leaderEpoch, metadata, now, result.BaseOffset + i);
            if (producer is { } owner)
            {
                AddPending(group, owner.Id, partition, committed);
            }
            else
            {
                group.Apply(partition, committed);
            }
        }
        return ErrorCode.None;
    }

    /// <summary>Storage trouble is shown to clients as a coordinator that is away for now, except what concerns the producer itself.</summary>
    private static ErrorCode Unavailable(ErrorCode error) => error is ErrorCode.InvalidProducerEpoch ? error : ErrorCode.CoordinatorNotAvailable;

    private void OnTopicDeleted(string topic)
    {
        foreach (var group in _groups.Values)
        {
            var gone = group.OffsetPartitions().Where(p => p.Topic == topic).ToList();
            if (gone.Count > 0)
            {
                _ = RemoveObservedAsync(group, gone);
            }
        }
    }

    private async Task RemoveObservedAsync(Group group, List<PartitionKey> partitions)
    {
        try
        {
            var error = await RemoveOffsetsAsync(group, partitions).ConfigureAwait(false);
            if (error != ErrorCode.None)
            {
                GroupLog.RemovalFailed(_logger, group.Id, error);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            GroupLog.SaveFailed(_logger, e, group.Id);
        }
    }

    private async Task ExpireAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(_options.OffsetsRetentionCheckMs), _services.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
            {
                try
                {
                    await ExpireOnceAsync().ConfigureAwait(false);
                }
                catch (IOException e)
                {
                    GroupLog.ExpiryFailed(_logger, e);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // the broker stops
        }
    }

    private async ValueTask ExpireOnceAsync()
    {
        foreach (var group in _groups.Values)
        {
            var expired = group.Expired(_services.Time.UnixMs());
            if (expired.Count > 0)
            {
                await RemoveOffsetsAsync(group, expired).ConfigureAwait(false);
            }
            await KillAsync(group, evenWithOffsets: false).ConfigureAwait(false);
        }
    }
}
