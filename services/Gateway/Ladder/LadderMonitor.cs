using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StreamPlatform.Gateway.Kafka;
using StreamPlatform.Gateway.Sessions;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ladder;

namespace StreamPlatform.Gateway.Ladder;

/// <summary>
/// Looks at the signals, moves the ladder, and brings every running session to where it stands: a LevelChanged event, an audit event, the
/// session's state, and a word to its client. A session that comes later, or after a restart, is brought there at the next look.
/// </summary>
public sealed class LadderMonitor(
    SignalBoard board, LadderOptions options, SessionDirectory directory, SessionLifecycle lifecycle, TimeProvider time, ILogger<LadderMonitor> logger)
    : BackgroundService
{
    private const int Concurrency = 16;

    private readonly Dictionary<string, (ICaptureClient Client, LadderLevel Level, MediaLevel Media)> told = new(StringComparer.Ordinal);
    private LadderState state;
    private string reason = "";
    private volatile string postponed = "";

    /// <summary>Where the ladder stands.</summary>
    public LadderState Current => state;

    /// <summary>Why no new interview can begin (level 4); empty = one can. Of any thread.</summary>
    public string Postponed => postponed;

    /// <summary>When it is worth to try again at the earliest: before it the ladder does not rise.</summary>
    public TimeSpan RetryAfter => TimeSpan.FromMilliseconds(options.UpAfterMs);

    /// <summary>One look.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        (state, var transition) = DegradationLadder.Step(state, board.Read(), time.GetUtcNow().ToUnixTimeMilliseconds(), options);
        if (transition is not null)
        {
            reason = transition.Reason;
            Log.LadderMoved(logger, transition.From, transition.To, transition.FromMedia, transition.ToMedia, transition.Reason);
        }

        postponed = state.CurrentLevel == LadderLevel.Reschedule ? reason : "";
        var level = (int)state.CurrentLevel;
        var running = directory.All.Where(s => s.IsRunning).ToList();
        await Parallel.ForEachAsync(
            running.Where(s => s.State.DegradationLevel != level), new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken },
            async (session, ct) => await MoveAsync(session, level, ct));
        Tell(running);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await directory.Loaded.WaitAsync(stoppingToken);
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(options.TickMs), time);
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await LookAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // the host is stopping
        }
    }

    private async ValueTask MoveAsync(CaptureSession session, int level, CancellationToken cancellationToken)
    {
        await session.Gate.WaitAsync(cancellationToken);
        try
        {
            if (session.IsRunning && session.State.DegradationLevel != level)
            {
                await lifecycle.ChangeLevelAsync(session, level, reason.Length > 0 ? reason : "the ladder stands here", Media(state.CurrentMedia));
            }
        }
        catch (EventWriteException error)
        {
            Log.WriteFailed(logger, session.Id, error.Code, error); // tried again at the next look
        }
        finally
        {
            session.Gate.Release();
        }
    }

    /// <summary>Each client is told once of each change; one that comes while all is well is told nothing.</summary>
    private void Tell(List<CaptureSession> running)
    {
        var (level, media) = (state.CurrentLevel, state.CurrentMedia);
        foreach (var session in running)
        {
            if (session.Client is not { } client)
            {
                told.Remove(session.Id);
                continue;
            }

            var known = told.TryGetValue(session.Id, out var last) && last.Client == client;
            if (known ? last.Level != level || last.Media != media : level != LadderLevel.FullAi || media != MediaLevel.Full)
            {
                client.Announce((int)level, Media(media), reason);
            }

            told[session.Id] = (client, level, media);
        }

        if (told.Count > running.Count)
        {
            var live = running.Select(s => s.Id).ToHashSet(StringComparer.Ordinal);
            foreach (var id in told.Keys.Where(id => !live.Contains(id)).ToList())
            {
                told.Remove(id);
            }
        }
    }

    private static string Media(MediaLevel media) => media switch
    {
        MediaLevel.Reduced => "reduced",
        MediaLevel.AudioOnly => "audio-only",
        _ => "full",
    };
}
