using System.Text;

namespace StreamPlatform.Gateway.Resumes;

/// <summary>What a job and a resume must be to be taken.</summary>
internal static class UploadRules
{
    public const int MaxIdChars = 200;

    /// <summary>Refuses the whole request when its job is not complete.</summary>
    /// <exception cref="UploadRefusedException">Names the field.</exception>
    public static void CheckJob(Upload upload, ResumeApiOptions options)
    {
        Require(IsId(upload.JobId), $"jobId is missing, longer than {MaxIdChars} characters, or holds control characters.");
        Require(upload.JobVersion >= 1, "jobVersion is a whole number from 1.");
        Require(!string.IsNullOrWhiteSpace(upload.JobText), "jobText is missing: the job's description, as text.");
        Require(Encoding.UTF8.GetByteCount(upload.JobText) <= options.MaxJobBytes, $"jobText has more than {options.MaxJobBytes} bytes.");
        Require(IsId(upload.Tenant), $"tenant has 1 to {MaxIdChars} characters.");
        Require(upload.RequestedBy.Length == 0 || IsId(upload.RequestedBy), $"requestedBy has at most {MaxIdChars} characters.");
    }

    /// <summary>Why one resume is refused; empty when it is not.</summary>
    public static string Fault(string? candidateId, string? text, int fileBytes, ResumeApiOptions options) =>
        !IsId(candidateId) ? $"candidateId is missing, longer than {MaxIdChars} characters, or holds control characters"
        : text is null && fileBytes < 0 ? "the resume is missing: give its text or its file"
        : text is not null && fileBytes >= 0 ? "the resume is given twice: as text and as file"
        : fileBytes == 0 || string.IsNullOrWhiteSpace(text) && text is not null ? "the resume is empty"
        : fileBytes > options.MaxFileBytes ? $"the file has more than {options.MaxFileBytes} bytes"
        : text is not null && Encoding.UTF8.GetByteCount(text) > options.MaxTextBytes ? $"the text has more than {options.MaxTextBytes} bytes"
        : "";

    public static bool IsId(string? id) => !string.IsNullOrWhiteSpace(id) && id.Length <= MaxIdChars && !id.Any(char.IsControl);

    private static void Require(bool holds, string message)
    {
        if (!holds)
        {
            throw new UploadRefusedException(400, RefusalCodes.InvalidRequest, message);
        }
    }
}
