using System.Text;
using Microsoft.Extensions.Logging;

namespace StreamPlatform.Gateway.Resumes;

/// <summary>Checks each resume and puts what does not fit into an event into the media store.</summary>
internal sealed class ResumeFiles(IMediaStore media, ResumeApiOptions options, ILogger<ResumeFiles> logger)
{
    /// <exception cref="UploadRefusedException">There are none, or too many.</exception>
    public static void CheckCount(int resumes, ResumeApiOptions options)
    {
        if (resumes == 0)
        {
            throw new UploadRefusedException(400, RefusalCodes.InvalidRequest, "There is no resume in the request.");
        }

        if (resumes > options.MaxItems)
        {
            throw new UploadRefusedException(413, RefusalCodes.TooManyItems, $"At most {options.MaxItems} resumes are taken at once: send the others in further requests.");
        }
    }

    /// <summary>Takes one resume, or says why not.</summary>
    /// <exception cref="UploadRefusedException">The store cannot take it now.</exception>
    public async Task<UploadedResume> TakeAsync(string? candidateId, string? text, byte[]? file, string taskId, int index, CancellationToken cancellationToken)
    {
        var fault = UploadRules.Fault(candidateId, text, file?.Length ?? -1, options);
        if (fault.Length > 0)
        {
            return new(candidateId is { Length: <= UploadRules.MaxIdChars } ? candidateId : "", "", null, fault);
        }

        if (text is not null && (media.MaxBytes == 0 || Encoding.UTF8.GetByteCount(text) <= options.InlineBytes))
        {
            return new(candidateId!, text, null, "");
        }

        try
        {
            return new(candidateId!, "", await media.PutAsync($"{taskId}/{index}", file ?? Encoding.UTF8.GetBytes(text!), cancellationToken), "");
        }
        catch (InvalidDataException e)
        {
            return new(candidateId!, "", null, e.Message);
        }
        catch (IOException e)
        {
            throw new UploadRefusedException(503, RefusalCodes.Overloaded, $"Files cannot be taken now: {e.Message}");
        }
    }

    /// <summary>Deletes what was stored for a request that is refused after all; what the store does not delete now goes by its age.</summary>
    public async Task DropAsync(IEnumerable<UploadedResume> resumes)
    {
        try
        {
            foreach (var file in resumes.Select(r => r.File).OfType<StoredMedia>())
            {
                await media.DeleteAsync(file.Key, CancellationToken.None);
            }
        }
        catch (IOException e)
        {
            Log.ResumeFilesLeft(logger, e);
        }
    }
}
