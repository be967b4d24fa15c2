using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace StreamPlatform.Gateway.Resumes;

/// <summary>Body of POST /api/resumes. Either resumeText or fileBase64.</summary>
public sealed record ResumeBody(
    string? CandidateId, string? JobId, int? JobVersion, string? JobText, string? ResumeText, string? FileBase64, string? Tenant, string? RequestedBy);

/// <summary>Body of POST /api/resumes/bulk.</summary>
public sealed record BulkBody(string? JobId, int? JobVersion, string? JobText, IReadOnlyList<BulkItem?>? Items, string? Tenant, string? RequestedBy);

public sealed record BulkItem(string? CandidateId, string? ResumeText, string? FileBase64);

/// <summary>Resumes that come as JSON.</summary>
internal sealed class JsonUpload(ResumeFiles files, ResumeApiOptions options)
{
    public async Task<Upload> ReadAsync(HttpRequest request, string taskId, bool bulk, CancellationToken cancellationToken)
    {
        var body = bulk
            ? await JsonSerializer.DeserializeAsync<BulkBody>(request.Body, GatewayJson.Options, cancellationToken)
            : Single(await JsonSerializer.DeserializeAsync<ResumeBody>(request.Body, GatewayJson.Options, cancellationToken));
        if (body is null)
        {
            throw new UploadRefusedException(400, RefusalCodes.InvalidRequest, "The body is missing: see docs/resumes.md for its fields.");
        }

        var upload = new Upload
        {
            Tenant = string.IsNullOrWhiteSpace(body.Tenant) ? "default" : body.Tenant,
            JobId = body.JobId ?? "",
            JobVersion = body.JobVersion ?? 1,
            JobText = body.JobText ?? "",
            RequestedBy = body.RequestedBy ?? "",
        };
        UploadRules.CheckJob(upload, options);
        ResumeFiles.CheckCount(body.Items?.Count ?? 0, options);
        foreach (var item in body.Items ?? [])
        {
            upload.Resumes.Add(await ReadAsync(item, taskId, upload.Resumes.Count, cancellationToken));
        }

        return upload;
    }

    private async Task<UploadedResume> ReadAsync(BulkItem? item, string taskId, int index, CancellationToken cancellationToken)
    {
        byte[]? file = null;
        if (item?.FileBase64 is { } encoded)
        {
            // 4 characters are 3 bytes: one that is too long is not decoded
            file = encoded.Length / 4L * 3 > options.MaxFileBytes + 3L ? new byte[options.MaxFileBytes + 1] : Decode(encoded);
            if (file is null)
            {
                return new(item.CandidateId ?? "", "", null, "fileBase64 is not base64");
            }
        }

        return await files.TakeAsync(item?.CandidateId, item?.ResumeText, file, taskId, index, cancellationToken);
    }

    private static byte[]? Decode(string encoded)
    {
        try
        {
            return Convert.FromBase64String(encoded);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static BulkBody? Single(ResumeBody? body) => body is null ? null
        : new(body.JobId, body.JobVersion, body.JobText, [new(body.CandidateId, body.ResumeText, body.FileBase64)], body.Tenant, body.RequestedBy);
}
