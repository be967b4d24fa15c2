using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace StreamPlatform.Gateway.Resumes;

/// <summary>
/// Resumes that come as multipart/form-data: fields first (jobId, jobVersion, jobText, tenant, requestedBy; candidateId of a single one), then files, a single one named "file", those of
/// a bulk "resume:CANDIDATE". One file is in memory at a time; none is written unencrypted. The names that files had on the sender's disk are not read.
/// </summary>
internal sealed class FormUpload(ResumeFiles files, ResumeApiOptions options)
{
    private const string Prefix = "resume:";
    private const int MaxBoundaryChars = 100;
    private const int MaxFields = 10;

    public async Task<Upload> ReadAsync(HttpRequest request, string taskId, bool bulk, CancellationToken cancellationToken)
    {
        var upload = new Upload();
        try
        {
            await ReadAsync(upload, Reader(request), taskId, bulk, cancellationToken);
            UploadRules.CheckJob(upload, options);
            ResumeFiles.CheckCount(upload.Resumes.Count, options);
            return upload;
        }
        catch (Exception e)
        {
            await files.DropAsync(upload.Resumes);
            if (e is InvalidDataException || (e is IOException && e is not BadHttpRequestException))
            {
                throw new UploadRefusedException(400, RefusalCodes.InvalidRequest, $"The form is damaged: {e.Message}");
            }

            throw;
        }
    }

    private async Task ReadAsync(Upload upload, MultipartReader reader, string taskId, bool bulk, CancellationToken cancellationToken)
    {
        var candidateId = "";
        var fields = 0;
        while (await reader.ReadNextSectionAsync(cancellationToken) is { } section)
        {
            var name = section.GetContentDispositionHeader()?.Name.Value?.Trim('"') ?? "";
            if (bulk ? name.StartsWith(Prefix, StringComparison.Ordinal) : name == "file")
            {
                if (upload.Resumes.Count == 0)
                {
                    UploadRules.CheckJob(upload, options); // before anything is stored
                }

                ResumeFiles.CheckCount(upload.Resumes.Count + 1, options);
                var content = await ReadAsync(section.Body, options.MaxFileBytes, cancellationToken);
                upload.Resumes.Add(await files.TakeAsync(bulk ? name[Prefix.Length..] : candidateId, null, content, taskId, upload.Resumes.Count, cancellationToken));
                continue;
            }

            if (++fields > MaxFields)
            {
                throw new UploadRefusedException(400, RefusalCodes.InvalidRequest, $"The form has more than {MaxFields} fields.");
            }

            var value = await FieldAsync(section.Body, name, cancellationToken);
            candidateId = name == "candidateId" ? value : candidateId;
            Set(upload, name, value);
        }
    }

    private void Set(Upload upload, string name, string value)
    {
        switch (name)
        {
            case "jobId": upload.JobId = value; break;
            case "jobText": upload.JobText = value; break;
            case "tenant": upload.Tenant = value; break;
            case "requestedBy": upload.RequestedBy = value; break;
            case "jobVersion": upload.JobVersion = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0; break;
            case "candidateId": break;
            default: throw new UploadRefusedException(400, RefusalCodes.InvalidRequest, $"The form has a field that is not known here: see docs/resumes.md. Files are named \"file\", or \"{Prefix}CANDIDATE\" in a bulk.");
        }
    }

    private static MultipartReader Reader(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && HeaderUtilities.RemoveQuotes(type.Boundary).Value is { Length: > 0 and <= MaxBoundaryChars } boundary
            ? new MultipartReader(boundary, request.Body) { HeadersCountLimit = 16, HeadersLengthLimit = 8 * 1024 }
            : throw new UploadRefusedException(400, RefusalCodes.InvalidRequest, "The form has no boundary.");

    private async Task<string> FieldAsync(Stream body, string name, CancellationToken cancellationToken)
    {
        var bytes = await ReadAsync(body, options.MaxJobBytes, cancellationToken);
        try
        {
            return bytes.Length > options.MaxJobBytes
                ? throw new UploadRefusedException(400, RefusalCodes.InvalidRequest, $"A field has more than {options.MaxJobBytes} bytes.")
                : new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw new UploadRefusedException(400, RefusalCodes.InvalidRequest, $"The field {(UploadRules.IsId(name) ? name : "")} is not UTF-8.");
        }
    }

    /// <summary>At most one byte more than allowed, so that too much is seen; the rest is passed over.</summary>
    private static async Task<byte[]> ReadAsync(Stream body, int maxBytes, CancellationToken cancellationToken)
    {
        var content = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (content.Length <= maxBytes)
        {
            var read = await body.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, maxBytes + 1 - content.Length)), cancellationToken);
            if (read == 0)
            {
                break;
            }

            content.Write(buffer, 0, read);
        }

        return content.ToArray();
    }
}
