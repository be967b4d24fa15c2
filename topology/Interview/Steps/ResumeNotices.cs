using System.Globalization;
using Google.Protobuf;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Streams;
using StreamPlatform.Topology.State;

namespace StreamPlatform.Topology.Steps;

/// <summary>Whom the resumes processor tells what.</summary>
public static class ResumeNotices
{
    /// <summary>A bulk task has at most so many items (its bits are its state).</summary>
    private const int MaxItems = 100_000;

    /// <summary>A failed single resume is told at once; those of a bulk task with the task's end.</summary>
    public static IReadOnlyList<Notification> OfFailure(ResumeOptimized result) => result.Error.Length == 0 || result.Bulk ? [] :
    [
        Notice("resume-failed", result.TaskId, result.Tenant, result.RequestedBy, result.FinishedAtMs, new()
        {
            ["taskId"] = result.TaskId, ["candidateId"] = result.CandidateId, ["jobId"] = result.JobId, ["error"] = result.Error,
        }),
    ];

    /// <summary>Counts each item of a bulk task once and tells its end.</summary>
    public static (ResumeTaskTotals? State, IReadOnlyList<Notification> Outputs) Add(RecordContext context, ResumeTaskTotals? state, ResumeOptimized result)
    {
        var (index, items) = (result.ItemIndex, Math.Max(1, result.ItemCount));
        if (items > MaxItems || index < 0 || index >= items || (state is not null && IsEnded(state, index)))
        {
            return (state, []);
        }

        var next = state?.Clone() ?? new() { Tenant = result.Tenant, RequestedBy = result.RequestedBy, Items = items };
        var bits = next.Ended.ToByteArray();
        Array.Resize(ref bits, Math.Max(bits.Length, (index / 8) + 1));
        bits[index / 8] |= (byte)(1 << (index % 8));
        next.Ended = UnsafeByteOperations.UnsafeWrap(bits);
        next.Done += result.Error.Length == 0 ? 1 : 0;
        next.Failed += result.Error.Length == 0 ? 0 : 1;
        next.Cached += result.FromCache ? 1 : 0;
        if (next.Told || next.Done + next.Failed < items)
        {
            return (next, []);
        }

        next.Told = true;
        return (next, [Summary("resume-task-finished", result.TaskId, next, result.FinishedAtMs)]);
    }

    /// <summary>A task of which nothing has been heard for a day is forgotten; an unfinished one is told of.</summary>
    public static (ResumeTaskTotals? State, IReadOnlyList<Notification> Outputs) Idle(RecordContext context, ResumeTaskTotals state) =>
        (null, state.Told ? [] : [Summary("resume-task-incomplete", context.Key ?? "", state, context.TimestampMs)]);

    private static bool IsEnded(ResumeTaskTotals state, int index) => index / 8 < state.Ended.Length && (state.Ended[index / 8] & (1 << (index % 8))) != 0;

    private static Notification Summary(string template, string taskId, ResumeTaskTotals totals, long atMs) =>
        Notice(template, taskId, totals.Tenant, totals.RequestedBy, atMs, new()
        {
            ["taskId"] = taskId, ["items"] = Number(totals.Items), ["done"] = Number(totals.Done), ["failed"] = Number(totals.Failed), ["fromCache"] = Number(totals.Cached),
        });

    private static Notification Notice(string template, string taskId, string tenant, string recipient, long atMs, Dictionary<string, string> values) => new()
    {
        NotificationId = $"{taskId}/{template}",
        Tenant = tenant,
        Channel = "email",
        RecipientId = recipient,
        Template = template,
        Values = { values },
        AtMs = atMs,
    };

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
