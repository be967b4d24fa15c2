using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using StreamPlatform.Gateway.Sessions;
using HttpResults = Microsoft.AspNetCore.Http.Results;

namespace StreamPlatform.Gateway.Api;

/// <summary>GET /api/sessions/{id}/questions/{index}/speech: a question that has been asked, read aloud. Needs the session's token as a bearer token.</summary>
internal sealed class SpeakQuestion(SessionDirectory directory, SessionTokens tokens, ISpeechSynthesizer? synthesizer)
{
    private const string Scheme = "Bearer ";

    /// <summary>audio/wav; 204 when no engine speaks: the text on the screen must do.</summary>
    public async Task<IResult> HandleAsync(HttpContext context, string id, int index)
    {
        var header = context.Request.Headers.Authorization.ToString();
        var (sessionId, refusal) = tokens.Check(header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : null);
        if (refusal is not null || sessionId != id)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            return Problems.Of(401, refusal?.Code ?? RefusalCodes.InvalidToken, "Send the session's own token as Authorization: Bearer TOKEN; it comes from POST /api/sessions.");
        }

        if (directory.Find(id) is not { } session)
        {
            return Problems.Of(404, RefusalCodes.UnknownSession, $"No session {id} is known.");
        }

        // what comes next is nobody's to hear yet
        var state = session.State;
        var asked = state.Status == Schemas.V1.SessionStatus.Created ? 0 : session.AwaitsQuestion ? state.QuestionIndex : state.QuestionIndex + 1;
        if (index < 0 || index >= Math.Min(asked, state.Questions.Count))
        {
            return Problems.Of(404, RefusalCodes.UnknownQuestion, $"Question {index} of session {id} has not been asked.");
        }

        var audio = synthesizer is null
            ? null
            : await synthesizer.SpeakAsync(new(state.Tenant, id, state.Questions[index].Text), context.RequestAborted);
        if (audio is null)
        {
            context.Response.Headers.CacheControl = "no-store";
            return HttpResults.NoContent();
        }

        context.Response.Headers.CacheControl = "private, max-age=3600";
        context.Response.Headers.Vary = "Authorization";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers["Speech-Engine"] = audio.Engine;
        var tag = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{audio.Engine}\n{audio.Wav.Length}\n{state.Questions[index].Text}")).AsSpan(0, 8));
        return HttpResults.Bytes(audio.Wav, "audio/wav", enableRangeProcessing: true, entityTag: new EntityTagHeaderValue($"\"{tag}\""));
    }
}
