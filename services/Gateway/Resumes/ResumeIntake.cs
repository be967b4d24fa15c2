using Microsoft.Extensions.Logging;
using StreamPlatform.Gateway.Kafka;
using StreamPlatform.Observability;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Gateway.Resumes;

/// <summary>Turns an upload into requests on resume.requests.v1; a resume that is refused becomes a failed result at once, so that its task shows it.</summary>
internal sealed class ResumeIntake(
    IEventWriter writer, RecentTasks recent, ResumeFiles files, GatewayOptions options, TimeProvider time, ILogger<ResumeIntake> logger)
{
    private const int WritesAtOnce = 500;

    /// <summary>Writes the upload; returns when Kafka has all of it.</summary>
    /// <exception cref="UploadRefusedException">Kafka did not take all of it: the client sends it again.</exception>
    public async Task<RecentTask> AcceptAsync(string taskId, Upload upload, bool bulk)
    {
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var traceparent = TraceContext.New().Format();
        var written = 0;
        try
        {
            foreach (var chunk in upload.Resumes.Select((resume, index) => Record(taskId, upload, resume, index, bulk, nowMs, traceparent)).Chunk(WritesAtOnce))
            {
                await Task.WhenAll(chunk.Select(writer.WriteAsync)).WaitAsync(TimeSpan.FromMilliseconds(options.DeliveryTimeoutMs), time);
                written += chunk.Length;
            }
        }
        catch (Exception e) when (e is EventWriteException or TimeoutException)
        {
            Log.ResumesNotWritten(logger, taskId, e);
            await files.DropAsync(upload.Resumes.Skip(written)); // of what may yet arrive the file is gone, and its result says so
            throw new UploadRefusedException(503, (e as EventWriteException)?.Code ?? RefusalCodes.KafkaUnavailable, "The resumes could not be written: send them again. What was taken is answered from the cache then.");
        }

        var task = new RecentTask(taskId, upload.Tenant, upload.JobId, upload.JobVersion, [.. upload.Resumes.Select(r => (r.CandidateId, r.Error))], nowMs);
        recent.Add(task);
        var refused = upload.Resumes.Count(r => r.Error.Length > 0);
        Log.ResumesTaken(logger, taskId, upload.Resumes.Count - refused, refused);
        return task;
    }

    private static EventRecord Record(string taskId, Upload upload, UploadedResume resume, int index, bool bulk, long nowMs, string traceparent)
    {
        var id = $"{taskId}/{index}";
        return resume.Error.Length > 0
            ? new(Topics.ResumeResults, Key(resume, taskId), upload.Tenant, id, nowMs, traceparent, Refused(taskId, upload, resume, index, bulk, nowMs))
            : new(Topics.ResumeRequests, Key(resume, taskId), upload.Tenant, id, nowMs, traceparent, Request(taskId, upload, resume, index, bulk, nowMs));
    }

    private static string Key(UploadedResume resume, string taskId) => resume.CandidateId.Length > 0 ? resume.CandidateId : taskId;

    private static ResumeRequested Request(string taskId, Upload upload, UploadedResume resume, int index, bool bulk, long nowMs) => new()
    {
        TaskId = taskId,
        Tenant = upload.Tenant,
        CandidateId = resume.CandidateId,
        JobId = upload.JobId,
        JobVersion = upload.JobVersion,
        JobDescription = upload.JobText,
        ResumeText = resume.Text,
        RequestedAtMs = nowMs,
        ItemIndex = index,
        ItemCount = upload.Resumes.Count,
        FileKey = resume.File?.Key ?? "",
        FileSha256 = resume.File?.Sha256 ?? "",
        FileBytes = resume.File?.Bytes ?? 0,
        RequestedBy = upload.RequestedBy,
        Bulk = bulk,
    };

    private static ResumeOptimized Refused(string taskId, Upload upload, UploadedResume resume, int index, bool bulk, long nowMs) => new()
    {
        TaskId = taskId,
        Tenant = upload.Tenant,
        CandidateId = resume.CandidateId,
        JobId = upload.JobId,
        JobVersion = upload.JobVersion,
        Error = resume.Error,
        FinishedAtMs = nowMs,
        ItemIndex = index,
        ItemCount = upload.Resumes.Count,
        RequestedBy = upload.RequestedBy,
        Bulk = bulk,
    };
}
