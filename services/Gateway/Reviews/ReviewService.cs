using StreamPlatform.Gateway.Kafka;
using StreamPlatform.Observability;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Gateway.Reviews;

/// <summary>What became of a decision.</summary>
/// <param name="Revision">Of the score that the decision made; 0 when none was made.</param>
/// <param name="Code">Empty when it was taken, else one of <see cref="RefusalCodes"/>.</param>
public sealed record ReviewOutcome(int Revision, string Code, string Message);

/// <summary>
/// Takes a person's decision on a score: the audit event and a score of engine "human" with the next revision, which the report and the store
/// put into force. One decision at a time: the store follows the topic a moment later, so the newest decisions are remembered here as well.
/// </summary>
public sealed class ReviewService(IReviewQueue queue, IEventWriter writer, GatewayOptions options, TimeProvider time) : IDisposable
{
    private const int Remembered = 1_000;

    private readonly SemaphoreSlim gate = new(1, 1);
    private readonly Dictionary<string, int> decided = new(StringComparer.Ordinal);
    private readonly Queue<string> order = new();

    /// <summary>Rows of a state; those decided here a moment ago are no longer open, whatever the store says.</summary>
    /// <returns>The rows, and after which the next page begins; null = there is none.</returns>
    public async Task<(IReadOnlyList<ReviewRow> Rows, ReviewRow? Last)> ListAsync(string state, ListPage page, CancellationToken cancellationToken)
    {
        var rows = await queue.ListAsync(state, page, cancellationToken);
        var last = rows.Count == page.Limit ? rows[^1] : null;
        await gate.WaitAsync(cancellationToken);
        try
        {
            return (state == "open" ? [.. rows.Where(row => decided.GetValueOrDefault(row.AnswerId, -1) <= row.Revision)] : rows, last);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Publishes a valid decision. Faults with <see cref="EventWriteException"/> when Kafka does not take it: then it may be sent again.</summary>
    public async Task<ReviewOutcome> DecideAsync(string answerId, ReviewRequest request, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (await queue.FindAsync(answerId, cancellationToken) is not { } row)
            {
                return new(0, RefusalCodes.UnknownAnswer, $"No score of answer {answerId} is stored: GET /api/reviews lists those that wait.");
            }

            var inForce = Math.Max(row.Revision, decided.GetValueOrDefault(answerId));
            if (request.Revision != inForce)
            {
                return new(0, RefusalCodes.Outdated, $"The score is at revision {inForce}, the decision was made on {request.Revision}: look at it again.");
            }

            await PublishAsync(row, request, inForce + 1);
            Remember(answerId, inForce + 1);
            return new(inForce + 1, "", "");
        }
        finally
        {
            gate.Release();
        }
    }

    public void Dispose() => gate.Dispose();

    private async Task PublishAsync(ReviewRow row, ReviewRequest request, int revision)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var score = new AnswerScored
        {
            AnswerId = row.AnswerId,
            SessionId = row.SessionId,
            Tenant = row.Tenant,
            QuestionId = row.QuestionId,
            QuestionIndex = row.QuestionIndex,
            Technical = (float)request.Technical!.Value,
            Communication = (float)request.Communication!.Value,
            Feedback = row.Feedback,
            Evidence = { row.Evidence },
            Engine = ScoreRevisions.HumanEngine,
            RubricVersion = row.RubricVersion,
            ScoredAtMs = now,
            PromptVersion = row.PromptVersion,
            Model = row.Model,
            Flags = { row.Flags },
            Revision = revision,
            Override = new()
            {
                Reviewer = request.Reviewer!.Trim(), Reason = request.Reason!.Trim(), DecidedAtMs = now,
                PreviousTechnical = row.Technical, PreviousCommunication = row.Communication, PreviousEngine = row.Engine,
            },
        };
        var audit = new AuditEvent
        {
            AuditId = $"{row.AnswerId}/review/{revision}",
            Tenant = row.Tenant,
            SessionId = row.SessionId,
            Actor = score.Override.Reviewer,
            Action = row.Technical == score.Technical && row.Communication == score.Communication ? "score.confirmed" : "score.overridden",
            Reason = $"{score.Override.Reason} (question {row.QuestionIndex + 1}: technical {row.Technical:0.#} to {score.Technical:0.#}, communication {row.Communication:0.#} to {score.Communication:0.#})",
            AtMs = now,
        };
        var trace = TraceContext.New();
        // accounted for first: a decision that is in force is never without its account
        await ConfirmedAsync(writer.WriteAsync(new(Topics.Audit, row.SessionId, row.Tenant, audit.AuditId, now, trace.Child().Format(), audit)));
        await ConfirmedAsync(writer.WriteAsync(new(Topics.Scores, row.SessionId, row.Tenant, $"{row.AnswerId}/{revision}", now, trace.Child().Format(), score)));
    }

    private async Task ConfirmedAsync(Task delivery)
    {
        try
        {
            await delivery.WaitAsync(TimeSpan.FromMilliseconds(options.DeliveryTimeoutMs), time);
        }
        catch (TimeoutException timeout)
        {
            throw new EventWriteException(RefusalCodes.KafkaUnavailable, $"Kafka did not confirm the decision within {options.DeliveryTimeoutMs} ms.", timeout);
        }
    }

    private void Remember(string answerId, int revision)
    {
        if (!decided.ContainsKey(answerId))
        {
            order.Enqueue(answerId);
            if (order.Count > Remembered)
            {
                decided.Remove(order.Dequeue());
            }
        }

        decided[answerId] = revision;
    }
}
