using Cassandra.Protocol;

namespace Cassandra;

/// <summary>
/// Executions of one idempotent request on several hosts: each further one starts when the plan says so and nothing has been answered; the first answer
/// wins, the others are cancelled (their late answers are dropped by the connection). An execution that fails to reach any host leaves it to the others.
/// </summary>
internal static class SpeculativeRun
{
    public static async Task<Answer> RunAsync(Session session, RequestRun run, ISpeculativeExecutionPlan plan, Request request, ResultShape shape, CancellationToken ct)
    {
        using CancellationTokenSource losers = CancellationTokenSource.CreateLinkedTokenSource(ct);
        List<Task<Answer>> running = [run.RunAsync(request, shape, null, losers.Token)];
        try
        {
            Task? alarm = NextAlarm(session, run, plan, losers.Token);
            while (true)
            {
                Task finished = await Task.WhenAny(alarm is null ? running : [.. running, alarm]).ConfigureAwait(false);
                if (finished == alarm)
                {
                    await alarm.ConfigureAwait(false); // cancelled by the caller
                    session.Metrics.Speculated();
                    running.Add(run.RunAsync(request, shape, null, losers.Token));
                    alarm = NextAlarm(session, run, plan, losers.Token);
                    continue;
                }
                Task<Answer> execution = (Task<Answer>)finished;
                running.Remove(execution);
                if (running.Count > 0 && execution.Exception?.InnerException is NoHostAvailableException)
                {
                    alarm = null; // no host is left for a further one
                    continue;
                }
                return await execution.ConfigureAwait(false);
            }
        }
        finally
        {
            await losers.CancelAsync().ConfigureAwait(false);
            foreach (Task<Answer> loser in running)
            {
                _ = loser.ContinueWith(static task => task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            }
        }
    }

    private static Task? NextAlarm(Session session, RequestRun run, ISpeculativeExecutionPlan plan, CancellationToken ct)
    {
        long delayMs = run.LastHost is { } host ? plan.NextExecution(host) : -1;
        return delayMs < 0 ? null : delayMs == 0 ? Task.CompletedTask : Task.Delay(TimeSpan.FromMilliseconds(delayMs), session.Time, ct);
    }
}
