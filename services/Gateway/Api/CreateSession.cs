using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using StreamPlatform.Gateway.Capture;
using StreamPlatform.Gateway.Kafka;
using StreamPlatform.Gateway.Ladder;
using StreamPlatform.Gateway.Questions;
using StreamPlatform.Gateway.Sessions;
using StreamPlatform.Schemas.V1;
using HttpResults = Microsoft.AspNetCore.Http.Results;

namespace StreamPlatform.Gateway.Api;

/// <summary>Body of POST /api/sessions. Absent consents are not given.</summary>
public sealed record CreateSessionRequest(
    string? CandidateName, string? CandidateId, string? Position, string? Jurisdiction, ConsentsRequest? Consents, string? Tenant,
    IReadOnlyList<string>? QuestionIds, string? Seniority = null, string? ResumeSummary = null, int? FollowUps = null);

public sealed record ConsentsRequest(bool VideoEmotion, bool FacePresence, bool Blink, bool AudioTranscription, bool Recording = false);

/// <summary>POST /api/sessions: checks the request, chooses the questions, stores the session's first state, hands out its token.</summary>
internal sealed class CreateSession(
    SessionDirectory directory, SessionLifecycle lifecycle, SessionTokens tokens, IQuestionSource questions, InterviewQuestions interviews,
    LadderMonitor ladder, GatewayOptions options, TimeProvider time)
{
    private const int MaxTextLength = 200;
    private const int MaxSeniorityLength = 30;
    private const int MaxResumeLength = 4_000;
    private const int MaxFollowUps = 3;

    /// <summary>Reads the body and creates the session.</summary>
    public async Task<IResult> HandleAsync(HttpContext context)
    {
        try
        {
            if (ladder.Postponed is { Length: > 0 } why)
            {
                return Postpone(context, why);
            }

            return context.Request.HasJsonContentType()
                ? await HandleAsync(await context.Request.ReadFromJsonAsync<CreateSessionRequest>(GatewayJson.Options, context.RequestAborted))
                : Problems.Of(415, RefusalCodes.InvalidRequest, "The body is JSON: send it with content-type: application/json.");
        }
        catch (JsonException error)
        {
            return Problems.Of(400, RefusalCodes.InvalidRequest, $"The body is not the JSON that was expected, at {error.Path ?? "$"}: see docs/gateway.md for its fields.");
        }
        catch (BadHttpRequestException error)
        {
            return Problems.Of(error.StatusCode, RefusalCodes.InvalidRequest, $"The body was not read: {error.Message} At most {options.MaxRequestBytes} bytes are taken.");
        }
    }

    // Level 4 of the ladder: before the body is read, for whatever it says it is refused.
    private IResult Postpone(HttpContext context, string why)
    {
        var seconds = (long)Math.Ceiling(ladder.RetryAfter.TotalSeconds);
        context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return Problems.Of(503, RefusalCodes.Postponed, $"No new interview can begin now: {why}. Those that are running go on. Try again in {seconds} s or later.");
    }

    private async Task<IResult> HandleAsync(CreateSessionRequest? request)
    {
        if (!directory.Loaded.IsCompleted)
        {
            return Problems.Of(503, RefusalCodes.NotReady, "The gateway is still reading its sessions: try again in a moment, see /readyz.");
        }

        var fault = request is null ? "The body is missing: send the session as JSON." : Check(request);
        if (request is null || fault.Length > 0)
        {
            return Problems.Of(400, RefusalCodes.InvalidRequest, fault);
        }

        var (asked, unknown) = Choose(request);
        if (unknown is not null)
        {
            return Problems.Of(400, RefusalCodes.InvalidRequest, $"questionIds: the bank has no question \"{unknown}\".");
        }

        var state = State(request, asked);
        if (!directory.TryReserve(state.SessionId))
        {
            return Problems.Of(503, RefusalCodes.Overloaded, $"{options.MaxSessions} sessions are unfinished: try again later.");
        }

        CaptureSession? session = null;
        try
        {
            session = await lifecycle.CreateAsync(state);
            interviews.Prepare(state, 0);
            return HttpResults.Created($"/api/sessions/{session.Id}/results", Answer(session, tokens.Issue(session.Id)));
        }
        catch (EventWriteException error)
        {
            return Problems.Of(503, error.Code, error.Message);
        }
        finally
        {
            directory.Release(state.SessionId, session);
        }
    }

    private static object Answer(CaptureSession session, string token) => new
    {
        sessionId = session.Id,
        token,
        captureUrl = $"/capture?session={session.Id}#{token}",
        liveUrl = $"/live/{session.Id}",
        webSocketUrl = "/ws/capture",
        questions = session.State.Questions.Select(ServerMessages.View),
    };

    private static string Check(CreateSessionRequest request) =>
        string.IsNullOrWhiteSpace(request.CandidateName) ? "candidateName is missing."
        : new[] { request.CandidateName, request.CandidateId, request.Position, request.Tenant }.Any(t => t?.Length > MaxTextLength)
            ? $"candidateName, candidateId, position and tenant have at most {MaxTextLength} characters."
        : request.Jurisdiction is not { Length: 2 } j || !j.All(char.IsAsciiLetter)
            ? "jurisdiction is two letters: a country as in ISO 3166 (\"US\") or \"EU\"."
        : request.QuestionIds is { Count: 0 or > InterviewQuestions.MaxQuestions }
            ? $"questionIds has 1 to {InterviewQuestions.MaxQuestions} entries, or is absent."
        : request.Seniority?.Length > MaxSeniorityLength || request.ResumeSummary?.Length > MaxResumeLength
            ? $"seniority has at most {MaxSeniorityLength} characters, resumeSummary at most {MaxResumeLength}: shorten them."
        : request.FollowUps is < 0 or > MaxFollowUps ? $"followUps is 0 to {MaxFollowUps}, or absent."
        : "";

    private (IReadOnlyList<Question> Questions, string? Unknown) Choose(CreateSessionRequest request)
    {
        if (request.QuestionIds is null)
        {
            return (questions.ForPosition(request.Position ?? "", options.QuestionsPerInterview), null);
        }

        var chosen = new List<Question>();
        foreach (var id in request.QuestionIds)
        {
            if (id is null || questions.Get(id) is not { } question)
            {
                return ([], id ?? "null");
            }

            chosen.Add(question);
        }

        return (chosen, null);
    }

    private SessionState State(CreateSessionRequest request, IReadOnlyList<Question> asked)
    {
        var now = time.GetUtcNow();
        var nowMs = now.ToUnixTimeMilliseconds();
        var id = Guid.CreateVersion7(now).ToString("N");
        var consents = request.Consents;
        var anyConsent = consents is { VideoEmotion: true } or { FacePresence: true } or { Blink: true } or { AudioTranscription: true } or { Recording: true };
        var state = new SessionState
        {
            SessionId = id,
            Tenant = string.IsNullOrWhiteSpace(request.Tenant) ? "default" : request.Tenant,
            CandidateId = string.IsNullOrWhiteSpace(request.CandidateId) ? $"candidate-{id}" : request.CandidateId,
            CandidateName = request.CandidateName!.Trim(),
            Position = request.Position ?? "",
            Jurisdiction = request.Jurisdiction!.ToUpperInvariant(),
            Consents = new()
            {
                VideoEmotion = consents?.VideoEmotion ?? false,
                FacePresence = consents?.FacePresence ?? false,
                Blink = consents?.Blink ?? false,
                AudioTranscription = consents?.AudioTranscription ?? false,
                Recording = consents?.Recording ?? false,
                GivenAtMs = anyConsent ? nowMs : 0,
            },
            Status = SessionStatus.Created,
            CreatedAtMs = nowMs,
            UpdatedAtMs = nowMs,
            Plan = interviews.Plan(
                request.QuestionIds is not null, request.Seniority?.Trim() ?? "", request.ResumeSummary?.Trim() ?? "", request.FollowUps),
        };
        state.Questions.AddRange(asked.Select((question, index) =>
        {
            var copy = question.Clone();
            copy.Index = index;
            return copy;
        }));
        return state;
    }
}
