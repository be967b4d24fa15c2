namespace StreamPlatform.Gateway.Reviews;

/// <summary>Body of POST /api/reviews/{answerId}: a person's decision. Every member is needed.</summary>
/// <param name="Technical">0..100; equal to the score shown = confirmed.</param>
/// <param name="Communication">0..100.</param>
/// <param name="Reviewer">Who decides, 1..200 characters.</param>
/// <param name="Reason">Why, 5..2,000 characters.</param>
/// <param name="Revision">Of the score that was looked at.</param>
public sealed record ReviewRequest(double? Technical, double? Communication, string? Reviewer, string? Reason, int? Revision)
{
    private const int MaxReviewer = 200;
    private const int MinReason = 5;
    private const int MaxReason = 2_000;

    /// <summary>What is wrong, naming the member; empty when nothing is.</summary>
    public string Fault() =>
        Technical is not (>= 0 and <= 100) ? "technical is missing or outside 0 to 100."
        : Communication is not (>= 0 and <= 100) ? "communication is missing or outside 0 to 100."
        : string.IsNullOrWhiteSpace(Reviewer) || Reviewer.Length > MaxReviewer ? $"reviewer says who decides, in 1 to {MaxReviewer} characters."
        : Reason is null || Reason.Trim().Length is < MinReason or > MaxReason ? $"reason says why, in {MinReason} to {MaxReason} characters."
        : Revision is not >= 0 ? "revision is missing: send the one of the score that was looked at."
        : "";
}
