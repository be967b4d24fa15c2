using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using StreamPlatform.Gateway.Kafka;
using StreamPlatform.Observability;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Steps;
using HttpResults = Microsoft.AspNetCore.Http.Results;

namespace StreamPlatform.Gateway.Api;

/// <summary>Body of PUT /api/sessions/{id}/answers/{index}/transcript.</summary>
/// <param name="Text">What was said; may be empty.</param>
/// <param name="Who">Who says so.</param>
/// <param name="Why">Why the transcript was wrong.</param>
/// <param name="Revision">The revision that was read; another one in the store refuses the correction. Absent = whichever is valid.</param>
public sealed record CorrectTranscriptRequest(string? Text, string? Who, string? Why, int? Revision);

/// <summary>Transcripts that people should correct, and their corrections: the next revision on the transcripts topic, which scores the answer anew.</summary>
internal sealed class Transcripts(ITranscriptReader reader, IEventWriter writer, GatewayOptions options, TimeProvider time, ILogger<Transcripts> logger)
{
    public const int MaxList = 500;
    private const int MaxWho = 200;
    private const int MaxWhy = 1_000;

    /// <summary>GET /api/transcripts.</summary>
    public async Task<IResult> ListAsync(HttpContext context, bool needsCorrection, int limit, string before)
    {
        if (limit is < 1 or > MaxList || PageCursor.Parse(before) is not { } cursor)
        {
            return Problems.Of(400, RefusalCodes.InvalidRequest, $"limit is 1 to {MaxList}; before is MILLISECONDS,ANSWER as a Link header gives it.");
        }

        var (rows, unavailable) = await ReadAsync(() => reader.ListAsync(needsCorrection, new ListPage(limit, cursor.AtMs, cursor.Key), context.RequestAborted));
        if (rows is null)
        {
            return unavailable!;
        }

        if (rows.Count == limit)
        {
            var last = rows[^1];
            new PageCursor(last.Transcript.CompletedAtMs, $"{last.SessionId}/{last.Transcript.QuestionIndex}")
                .LinkNext(context.Response, $"/api/transcripts?needsCorrection={(needsCorrection ? 1 : 0)}&limit={limit}");
        }

        return HttpResults.Ok(rows);
    }

    /// <summary>PUT /api/sessions/{id}/answers/{index}/transcript.</summary>
    public async Task<IResult> CorrectAsync(HttpContext context, string id, int index)
    {
        CorrectTranscriptRequest? request;
        try
        {
            request = await context.Request.ReadFromJsonAsync<CorrectTranscriptRequest>(GatewayJson.Options, context.RequestAborted);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or BadHttpRequestException)
        {
            return Problems.Of(400, RefusalCodes.InvalidRequest, "The body is not the JSON that was expected: {text, who, why, revision?}.");
        }

        if (Fault(request) is { } fault)
        {
            return Problems.Of(400, RefusalCodes.InvalidRequest, fault);
        }

        var (heard, unavailable) = await ReadAsync(() => reader.FindAsync($"{id}/{index}", context.RequestAborted));
        if (heard is null)
        {
            return unavailable ?? Problems.Of(404, RefusalCodes.UnknownTranscript, $"No transcript of answer {index} of session {id} is stored: GET /api/transcripts lists those that are.");
        }

        if (request!.Revision is { } read && read != heard.Revision)
        {
            return Problems.Of(409, RefusalCodes.OtherRevision, $"The transcript has revision {heard.Revision}, not {read}: read it again.");
        }

        if (heard.Question.Id.Length == 0)
        {
            return Problems.Of(409, RefusalCodes.OtherRevision, "The transcript was stored by a version that did not keep its question: it cannot be scored anew.");
        }

        return await PublishAsync(TranscriptSteps.Correct(heard, request.Text!.Trim(), request.Who!.Trim(), request.Why!.Trim()));
    }

    private async Task<(T? Found, IResult? Unavailable)> ReadAsync<T>(Func<Task<T>> read)
    {
        try
        {
            return (await read(), null);
        }
        catch (Exception error) when (error is System.Data.Common.DbException or TimeoutException or IOException)
        {
            Log.TranscriptsUnavailable(logger, error);
            return (default, Problems.Of(503, RefusalCodes.StoreUnavailable, "The store cannot be read now: try again in a moment, see /health."));
        }
    }

    // The transcript first: repeated after a failure in between, both records are written under the same ids again.
    private async Task<IResult> PublishAsync(TranscriptCompleted corrected)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var record = $"{corrected.AnswerId}/transcript/{corrected.Revision}";
        var audit = new AuditEvent
        {
            AuditId = record, Tenant = corrected.Tenant, SessionId = corrected.SessionId, Actor = corrected.CorrectedBy, Action = "transcript.corrected",
            Reason = corrected.CorrectionReason, AtMs = now,
        };
        var trace = TraceContext.New();
        try
        {
            await WriteAsync(Topics.Transcripts, new Transcript { Completed = corrected });
            await WriteAsync(Topics.Audit, audit);
        }
        catch (EventWriteException error)
        {
            return Problems.Of(503, error.Code, error.Message);
        }
        catch (TimeoutException)
        {
            return Problems.Of(503, RefusalCodes.KafkaUnavailable, "Kafka did not confirm the correction in time: send it again.");
        }

        return HttpResults.Ok(TranscriptRow.Of(corrected));

        Task WriteAsync(string topic, Google.Protobuf.IMessage value) =>
            writer.WriteAsync(new(topic, corrected.SessionId, corrected.Tenant, record, now, trace.Child().Format(), value))
                .WaitAsync(TimeSpan.FromMilliseconds(options.DeliveryTimeoutMs), time);
    }

    private string? Fault(CorrectTranscriptRequest? request) => request switch
    {
        null => "The body is missing: send {text, who, why, revision?}.",
        { Text: null } => "text is missing: what was said, or \"\" for nothing.",
        { Text: { } text } when Encoding.UTF8.GetByteCount(text) > options.MaxAnswerBytes => $"text has more than {options.MaxAnswerBytes} bytes of UTF-8.",
        { Who: var who } when string.IsNullOrWhiteSpace(who) || who.Length > MaxWho => $"who is 1 to {MaxWho} characters: the person who corrects.",
        { Why: var why } when string.IsNullOrWhiteSpace(why) || why.Length > MaxWhy => $"why is 1 to {MaxWhy} characters: what was wrong.",
        _ => null,
    };
}
