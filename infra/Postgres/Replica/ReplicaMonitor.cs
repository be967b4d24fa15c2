using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using StreamPlatform.Postgres.Migrations;

namespace StreamPlatform.Postgres.Replica;

/// <summary>Watches a streaming replica: whether it may be read, and as of when.</summary>
public sealed class ReplicaMonitor : IAsyncDisposable
{
    /// <summary>Of postgres.reads, postgres.replica.lag and postgres.replica.usable.</summary>
    public const string MeterName = "StreamPlatform.Postgres";

    private const int MaxSamples = 1024;

    private static readonly int[] Versions = [.. PostgresMigrations.All.Select(migration => migration.Version)];

    private readonly NpgsqlDataSource _primary;
    private readonly NpgsqlDataSource _replica;
    private readonly ReplicaOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _reads;
    private readonly WalWatermark _watermark = new(MaxSamples);
    private readonly CancellationTokenSource _stop = new();
    private Task _watching = Task.CompletedTask;
    private volatile State _state = new(false, 0, "not asked yet");
    private bool _migrated; // by the checks only, one after the other

    private ReplicaMonitor(NpgsqlDataSource primary, NpgsqlDataSource replica, ReplicaOptions options, ILoggerFactory loggers, TimeProvider time)
    {
        (_primary, _replica, _options, _time) = (primary, replica, options, time);
        _logger = loggers.CreateLogger<ReplicaMonitor>();
        _reads = _meter.CreateCounter<long>("postgres.reads", "{read}", "Reads of pages and reports, by server (primary, replica) and why (fresh, unusable, failed, own-write).");
        _meter.CreateObservableGauge("postgres.replica.lag", () => Math.Max(0, NowMs - _state.AsOfMs), "ms", "How far the replica is behind, at most.");
        _meter.CreateObservableGauge("postgres.replica.usable", () => MayServe(0) ? 1 : 0, description: "1 while the replica may be read.");
    }

    /// <summary>Whether it may be read, and why not.</summary>
    public (bool Usable, string Detail) Health => _state is { Up: false } down
        ? (false, $"replica not read, the primary answers: {down.Detail}")
        : MayServe(0) ? (true, $"replica at most {Math.Max(0, NowMs - _state.AsOfMs)} ms behind") : (false, $"replica not read, the primary answers: more than {_options.MaxLag} behind");

    /// <summary>Unix milliseconds: the replica shows everything that the primary held then. 0 = not known.</summary>
    public long AsOfMs => _state.AsOfMs;

    /// <summary>Starts watching; the first answers are in when it returns.</summary>
    public static async Task<ReplicaMonitor> StartAsync(NpgsqlDataSource primary, NpgsqlDataSource replica, ReplicaOptions options, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken)
    {
        options.Validate();
        var monitor = new ReplicaMonitor(primary, replica, options, loggers, time);
        await monitor.CheckAsync(cancellationToken).ConfigureAwait(false);
        monitor._watching = monitor.WatchAsync();
        return monitor;
    }

    /// <summary>True while the replica is up, not too far behind, and as fresh as asked.</summary>
    /// <param name="asOfMs">Unix milliseconds; 0 = the allowed lag will do.</param>
    public bool MayServe(long asOfMs) => _state is { Up: true } state && NowMs - state.AsOfMs <= _options.MaxLag.TotalMilliseconds && state.AsOfMs >= asOfMs;

    internal void Count(string server, string why) => _reads.Add(1, new KeyValuePair<string, object?>("server", server), new KeyValuePair<string, object?>("why", why));

    /// <summary>A read failed: no more of them until the next check.</summary>
    internal void Failed(string why) => Set(new(false, _state.AsOfMs, why));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(false);
        _stop.Dispose();
        _meter.Dispose();
    }

    private long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private async Task WatchAsync()
    {
        try
        {
            using var timer = new PeriodicTimer(_options.CheckEvery, _time);
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
            {
                await CheckAsync(_stop.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // disposed
        }
    }

    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        var (primaryKnown, position) = await PrimaryAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await using (var command = _replica.CreateCommand("SELECT pg_is_in_recovery(), coalesce(pg_last_wal_replay_lsn(), '0/0')"))
            {
                await using var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
                await row.ReadAsync(cancellationToken).ConfigureAwait(false);
                if (!row.GetBoolean(0))
                {
                    Set(new(false, _state.AsOfMs, "the server named as replica is no standby (promoted?): point STREAMPLATFORM_POSTGRES_REPLICA at one"));
                    return;
                }

                _watermark.Replayed((ulong)row.GetFieldValue<NpgsqlLogSequenceNumber>(1));
            }

            if (!_migrated && !(_migrated = await HasSchemaAsync(cancellationToken).ConfigureAwait(false)))
            {
                Set(new(false, _watermark.AsOfMs, "the replica has not replayed this program's migrations yet"));
                return;
            }

            // A primary that is down writes nothing: the replica is as fresh as can be, and pages go on.
            var lastWrite = !primaryKnown && _watermark.AsOfMs > 0 && position is null;
            Set(new(true, lastWrite ? NowMs : _watermark.AsOfMs, ""));
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException)
        {
            Set(new(false, _state.AsOfMs, error.Message));
        }
    }

    /// <summary>Whether it shows every table that this program's queries read. Migrations are not taken back: once true stays true.</summary>
    private async Task<bool> HasSchemaAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var command = _replica.CreateCommand("SELECT count(*) FROM schema_migrations WHERE version = ANY ($1)");
            command.Parameters.Add(new() { Value = Versions });
            return (long)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))! == Versions.Length;
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            return false; // of a database that was empty before
        }
    }

    private async Task<(bool Known, ulong? Position)> PrimaryAsync(CancellationToken cancellationToken)
    {
        var askedMs = NowMs;
        try
        {
            await using var command = _primary.CreateCommand("SELECT pg_current_wal_lsn()");
            var position = (ulong)(NpgsqlLogSequenceNumber)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
            _watermark.Wrote(askedMs, position);
            return (true, position);
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException)
        {
            return (false, null);
        }
    }

    private void Set(State state)
    {
        var before = _state;
        _state = state;
        if (before.Up != state.Up)
        {
            if (state.Up)
            {
                Log.ReplicaUsable(_logger);
            }
            else
            {
                Log.ReplicaUnusable(_logger, state.Detail);
            }
        }
    }

    private sealed record State(bool Up, long AsOfMs, string Detail);
}
