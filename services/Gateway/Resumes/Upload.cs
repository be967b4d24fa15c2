namespace StreamPlatform.Gateway.Resumes;

/// <summary>A job and the resumes to hold against it, as a request brought them.</summary>
internal sealed class Upload
{
    public string Tenant { get; set; } = "default";

    public string JobId { get; set; } = "";

    public int JobVersion { get; set; } = 1;

    public string JobText { get; set; } = "";

    /// <summary>User that is told of failures and of the end; empty = nobody.</summary>
    public string RequestedBy { get; set; } = "";

    public List<UploadedResume> Resumes { get; } = [];
}

/// <summary>One resume: its text, or its file, or why there is neither.</summary>
/// <param name="File">Key in the media store.</param>
/// <param name="Error">Why it is refused; empty when it is not.</param>
internal sealed record UploadedResume(string CandidateId, string Text, StoredMedia? File, string Error);

/// <summary>A request that is refused as a whole.</summary>
internal sealed class UploadRefusedException(int status, string code, string message) : Exception(message)
{
    public int Status { get; } = status;

    public string Code { get; } = code;
}
