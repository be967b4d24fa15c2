using System.Security.Cryptography;
using System.Text;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Streams;
using StreamPlatform.Topology.Ports;
using StreamPlatform.Topology.Resumes;

namespace StreamPlatform.Topology.Steps;

/// <summary>Steps of the resumes processor.</summary>
public static class ResumeSteps
{
    /// <summary>Characters of a rewritten resume that are kept.</summary>
    private const int MaxOptimizedChars = 32 * 1024;

    /// <summary>The result of one resume: from the cache, or by the model.</summary>
    /// <exception cref="PoisonException">The document cannot be read, or no attempt will bring an answer.</exception>
    /// <exception cref="DeferredException">The provider cannot answer now.</exception>
    public static async Task<ResumeOptimized> AssessAsync(ResumeEngines engines, ResumeRequested request, TimeProvider time, CancellationToken ct)
    {
        if (request.TaskId.Length == 0 || request.CandidateId.Length == 0 || request.JobDescription.Length == 0 || request.ResumeText.Length + request.FileKey.Length == 0)
        {
            throw new PoisonException("the request lacks its task, candidate, job or resume");
        }

        using var slot = await engines.Slots.EnterAsync(urgent: !request.Bulk, ct);
        var key = KeyOf(request, engines.Model);
        if (await engines.Cache.FindAsync(key, ct) is { } known)
        {
            return Again(known, request, time);
        }

        var document = await TextAsync(engines, request, ct);
        var assessed = await engines.Model.AssessAsync(new(request.Tenant, request.JobDescription, document.Text, request.Bulk), ct);
        var result = Result(request, assessed, document, engines.Model, time);
        await engines.Cache.PutAsync(key, result, ct);
        return result;
    }

    /// <summary>The result of a request that lies in the dead letters: an error that says why. None when not even its Protobuf can be read: the gateway wrote no such request.</summary>
    public static IReadOnlyList<ResumeOptimized> Dead(ISerde<ResumeRequested> serde, byte[] letter, RecordContext context)
    {
        try
        {
            var result = Answer(serde.Deserialize(Topics.ResumeRequests, letter));
            result.Error = Cause(context.Headers.LastUtf8("dlq.cause"));
            result.FinishedAtMs = long.TryParse(context.Headers.LastUtf8("dlq.time"), out var at) ? at : context.TimestampMs;
            return [result];
        }
        catch (SerializationException)
        {
            return [];
        }
    }

    /// <summary>Deletes the resume's file, now that its result is out, and says so.</summary>
    public static async Task<AuditEvent> DeleteAsync(IMediaStore media, ResumeOptimized result, TimeProvider time, CancellationToken ct)
    {
        var deleted = await media.DeleteAsync(result.FileKey, ct);
        return FileDeleted(result.Tenant, result.TaskId, result.FileKey, deleted ? "its result is out" : "its result is out; the file was gone already", time);
    }

    /// <summary>The audit record of a file's deletion; the same file is deleted once.</summary>
    public static AuditEvent FileDeleted(string tenant, string taskId, string fileKey, string reason, TimeProvider time) => new()
    {
        AuditId = $"{fileKey}/resume.file-deleted",
        Tenant = tenant,
        SessionId = taskId,
        Actor = "streamplatform",
        Action = "resume.file-deleted",
        Reason = reason,
        AtMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
    };

    /// <summary>A result without its content: who asked for what.</summary>
    public static ResumeOptimized Answer(ResumeRequested request) => new()
    {
        TaskId = request.TaskId,
        Tenant = request.Tenant,
        CandidateId = request.CandidateId,
        JobId = request.JobId,
        JobVersion = request.JobVersion,
        ItemIndex = request.ItemIndex,
        ItemCount = Math.Max(1, request.ItemCount),
        FileKey = request.FileKey,
        RequestedBy = request.RequestedBy,
        Bulk = request.Bulk,
    };

    private static async Task<DocumentText> TextAsync(ResumeEngines engines, ResumeRequested request, CancellationToken ct)
    {
        try
        {
            var content = request.FileKey.Length == 0
                ? Encoding.UTF8.GetBytes(request.ResumeText)
                : await engines.Media.ReadAsync(request.FileKey, ct) ?? throw new PoisonException("the file is no longer kept: upload it again");
            return await engines.Documents.ReadAsync(content, ct);
        }
        catch (UnreadableDocumentException e)
        {
            throw new PoisonException(e.Message, e);
        }
        catch (InvalidDataException e)
        {
            throw new PoisonException($"the stored file cannot be used: {e.Message}", e);
        }
    }

    private static ResumeOptimized Result(ResumeRequested request, ResumeAssessment assessed, DocumentText document, IResumeModel model, TimeProvider time)
    {
        var result = Answer(request);
        result.Score = float.IsFinite(assessed.Score) ? Math.Clamp(assessed.Score, 0, 100) : 0;
        result.Summary = assessed.Summary;
        result.OptimizedText = assessed.OptimizedText.Length > MaxOptimizedChars ? assessed.OptimizedText[..MaxOptimizedChars] : assessed.OptimizedText;
        result.Evidence.AddRange(assessed.Evidence);
        result.Missing.AddRange(assessed.Missing);
        result.Engine = model.Engine;
        result.PromptVersion = model.PromptVersion;
        result.NeedsHumanReview = assessed.NeedsHumanReview;
        result.ReviewReason = assessed.ReviewReason;
        result.CostUsd = assessed.CostUsd;
        result.TextChars = document.Text.Length;
        result.TextCut = document.Cut;
        result.FinishedAtMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        return result;
    }

    private static ResumeOptimized Again(ResumeOptimized known, ResumeRequested request, TimeProvider time)
    {
        var result = known.Clone();
        result.MergeFrom(Answer(request)); // who asks now; fields that are empty there must be empty here, too
        result.ItemIndex = request.ItemIndex;
        result.FileKey = request.FileKey;
        result.RequestedBy = request.RequestedBy;
        result.Bulk = request.Bulk;
        result.FromCache = true;
        result.CostUsd = 0;
        result.FinishedAtMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        return result;
    }

    private static ResumeKey KeyOf(ResumeRequested request, IResumeModel model)
    {
        var resume = request.FileKey.Length > 0 ? request.FileSha256 : Hash(request.ResumeText);
        return new(request.Tenant, request.CandidateId, request.JobId, request.JobVersion, Hash($"{model.Engine}\n{model.PromptVersion}\n{resume}\n{Hash(request.JobDescription)}"));
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>"PoisonException: the PDF is encrypted" without the name of the exception: it is for people.</summary>
    private static string Cause(string? header)
    {
        var at = header?.IndexOf("Exception: ", StringComparison.Ordinal) ?? -1;
        return string.IsNullOrEmpty(header) ? "the request could not be processed" : at < 0 ? header : header[(at + "Exception: ".Length)..];
    }
}
