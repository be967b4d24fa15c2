using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using StreamPlatform.Gateway.Api;
using StreamPlatform.Streams;
using HttpResults = Microsoft.AspNetCore.Http.Results;

namespace StreamPlatform.Gateway.Resumes;

/// <summary>POST /api/resumes and /api/resumes/bulk: reads the upload, holds it against the client's quota, writes it, answers 202 with the task.</summary>
internal sealed class PostResumes(
    JsonUpload json, FormUpload form, ResumeFiles files, ResumeIntake intake, IResumeQuota quota, GatewayMetrics metrics, ResumeApiOptions options, TimeProvider time,
    ILogger<PostResumes> logger) : IDisposable
{
    /// <summary>Of a single request beside the file and the job: names, braces, boundaries.</summary>
    private const int Envelope = 64 * 1024;

    private readonly SemaphoreSlim bulks = new(options.BulkAtOnce);

    public async Task<IResult> HandleAsync(HttpContext context, bool bulk)
    {
        if (bulk && !await bulks.WaitAsync(0, context.RequestAborted))
        {
            context.Response.Headers.RetryAfter = "5";
            return Refuse(503, RefusalCodes.Overloaded, $"{options.BulkAtOnce} bulk requests are being read: try again in a few seconds.");
        }

        try
        {
            return await TakeAsync(context, bulk);
        }
        catch (UploadRefusedException e)
        {
            return Refuse(e.Status, e.Code, e.Message);
        }
        catch (JsonException e)
        {
            return Refuse(400, RefusalCodes.InvalidRequest, $"The body is not the JSON that was expected, at {e.Path ?? "$"}: see docs/resumes.md for its fields.");
        }
        catch (BadHttpRequestException e)
        {
            return Refuse(e.StatusCode, RefusalCodes.InvalidRequest, $"The body was not read: {e.Message} At most {MaxBody(bulk)} bytes are taken.");
        }
        finally
        {
            if (bulk)
            {
                bulks.Release();
            }
        }
    }

    public void Dispose() => bulks.Dispose();

    private async Task<IResult> TakeAsync(HttpContext context, bool bulk)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = MaxBody(bulk);
        }

        var taskId = Guid.CreateVersion7(time.GetUtcNow()).ToString("N");
        var request = context.Request;
        var upload = request.HasJsonContentType() ? await json.ReadAsync(request, taskId, bulk, context.RequestAborted)
            : request.ContentType?.StartsWith("multipart/form-data", StringComparison.OrdinalIgnoreCase) == true ? await form.ReadAsync(request, taskId, bulk, context.RequestAborted)
            : throw new UploadRefusedException(415, RefusalCodes.InvalidRequest, "The body is JSON (content-type: application/json) or a form (multipart/form-data).");
        if (!bulk && (upload.Resumes.Count != 1 || upload.Resumes[0].Error.Length > 0))
        {
            await files.DropAsync(upload.Resumes);
            return Refuse(400, RefusalCodes.InvalidRequest, upload.Resumes.Count == 1 ? $"{upload.Resumes[0].Error}." : "There is more than one resume: send several to /api/resumes/bulk.");
        }

        if (await OverAsync(context, upload.Resumes.Count) is { } over)
        {
            await files.DropAsync(upload.Resumes);
            return over;
        }

        var task = await intake.AcceptAsync(taskId, upload, bulk);
        return HttpResults.Accepted($"/api/resumes/tasks/{taskId}", Answer(task));
    }

    private async Task<IResult?> OverAsync(HttpContext context, int resumes)
    {
        if (resumes > Math.Min(options.PerHour, options.PerDay))
        {
            return Refuse(429, RefusalCodes.TooManyResumes, $"{resumes} resumes are more than a client may ever send within an hour ({options.PerHour}) or a day ({options.PerDay}): send fewer at once.");
        }

        TimeSpan wait;
        try
        {
            wait = await quota.TakeAsync(ClientQuota.ClientOf(context.Connection.RemoteIpAddress), resumes, new(options.PerHour, options.PerDay), context.RequestAborted);
        }
        catch (TransientException error)
        {
            Log.QuotaNotCounted(logger, error.Message);
            context.Response.Headers.RetryAfter = "30";
            return Refuse(503, RefusalCodes.StoreUnavailable, "The store that counts what each client sends does not answer: nothing was taken, try again later.");
        }

        if (wait == TimeSpan.Zero)
        {
            return null;
        }

        context.Response.Headers.RetryAfter = ((long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return Refuse(429, RefusalCodes.TooManyResumes, $"A client may send {options.PerHour} resumes an hour and {options.PerDay} a day: these {resumes} fit in {Math.Ceiling(wait.TotalMinutes):0} min.");
    }

    private object Answer(RecentTask task)
    {
        var refused = task.Resumes.Select((r, index) => (r.CandidateId, r.Error, index)).Where(r => r.Error.Length > 0)
            .Select(r => new { index = r.index, candidateId = r.CandidateId, error = r.Error }).ToList();
        return new { taskId = task.TaskId, statusUrl = $"/api/resumes/tasks/{task.TaskId}", items = task.Resumes.Count, accepted = task.Resumes.Count - refused.Count, refused };
    }

    private long MaxBody(bool bulk) => bulk ? options.MaxBulkBytes : ((options.MaxFileBytes + options.MaxJobBytes) * 4L / 3) + Envelope;

    private IResult Refuse(int status, string code, string detail)
    {
        metrics.Refused(code);
        return Problems.Of(status, code, detail);
    }
}
