using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Gateway.Questions;

/// <summary>What a session is asked next.</summary>
/// <param name="Question">The question, index still to be set.</param>
/// <param name="Planned">Id of the planned question that it takes the place of; null for a follow-up, which comes in between.</param>
/// <param name="Origin">As metrics name it: bank, generated, follow-up, bank-follow-up.</param>
public sealed record NextQuestion(Question Question, string? Planned, string Origin);

/// <summary>
/// Chooses the questions of sessions with a plan. Every place of an interview holds a question of the bank from the beginning; a generated one takes its place when it
/// is there within Gateway:QuestionWaitMs, so that no candidate waits longer for a model. Nothing is kept here: the state says what is planned, the writer keeps
/// what it has written.
/// </summary>
public sealed class InterviewQuestions(IQuestionWriter? writer, IQuestionSource bank, GatewayOptions options, TimeProvider time)
{
    /// <summary>Questions of an interview, follow-ups included.</summary>
    public const int MaxQuestions = 50;

    /// <summary>Level of the degradation ladder from which on questions are predefined.</summary>
    private const int PredefinedFrom = 2;

    /// <summary>Every third question draws on the resume, the second first.</summary>
    private const int ResumeEvery = 3;

    /// <summary>How the questions of a new session come about; null when nothing about them will change.</summary>
    /// <param name="named">The request named its questions: none of them is replaced.</param>
    /// <param name="followUps">Follow-ups per question; null = none for named questions, else the configured number where there is a model.</param>
    public QuestionPlan? Plan(bool named, string seniority, string resumeSummary, int? followUps)
    {
        var generated = writer is not null && !named;
        var most = followUps ?? (generated ? options.FollowUpsPerQuestion : 0);
        return generated || most > 0
            ? new() { Generated = generated, Seniority = seniority, ResumeSummary = generated ? resumeSummary : "", FollowUps = most }
            : null;
    }

    /// <summary>Starts to generate the question of a place, so that it is there when it is asked. Neither waits nor fails.</summary>
    public void Prepare(SessionState state, int index)
    {
        if (writer is not null && Brief(state, index) is { } brief)
        {
            _ = Observed(writer.WriteAsync(brief, CancellationToken.None));
        }
    }

    /// <summary>The question to ask at a place: the generated one where it is there in time, else the planned one.</summary>
    public async Task<(NextQuestion Next, string Outcome)> AtAsync(SessionState state, int index, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromMilliseconds(options.QuestionWaitMs), time);
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        return await AtAsync(state, index, waiting.Token, cancellationToken);
    }

    /// <summary>
    /// What comes after an answer: a follow-up, else the planned question, generated if in time; null when the interview is over. Both are prepared at once and share one wait.
    /// </summary>
    /// <param name="state">Its index is past the question answered.</param>
    /// <param name="answer">The typed answer; null when it is not at hand.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<(NextQuestion? Next, string Outcome)> AfterAsync(SessionState state, string? answer, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromMilliseconds(options.QuestionWaitMs), time);
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        var planned = state.QuestionIndex < state.Questions.Count ? AtAsync(state, state.QuestionIndex, waiting.Token, cancellationToken) : null;
        var answered = state.QuestionIndex > 0 && state.QuestionIndex <= state.Questions.Count ? state.Questions[state.QuestionIndex - 1] : null;
        var followUp = answer is null || answered is null ? null : await FollowUpAsync(state, answered, answer, waiting.Token, cancellationToken);
        if (planned is null)
        {
            return (followUp, followUp?.Origin ?? "");
        }

        var next = await planned;
        return followUp is null ? (next.Next, next.Outcome) : (followUp, followUp.Origin);
    }

    /// <summary>A follow-up to an answer; null when none is asked.</summary>
    /// <param name="state">Of the session.</param>
    /// <param name="answered">The question answered.</param>
    /// <param name="answer">Typed, or transcribed.</param>
    /// <param name="waiting">Ends the wait for the model.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<NextQuestion?> FollowUpAsync(
        SessionState state, Question answered, string answer, CancellationToken waiting, CancellationToken cancellationToken)
    {
        if (!AllowsFollowUp(state, answered))
        {
            return null;
        }

        var written = new WrittenQuestion(null, QuestionOutcomes.Unavailable);
        if (writer is not null && state.DegradationLevel < PredefinedFrom)
        {
            try
            {
                written = await writer.FollowUpAsync(new(state.Tenant, state.SessionId, answered, answer, [.. state.Questions.Select(q => q.Text)]), waiting);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                written = new(null, QuestionOutcomes.Late);
            }
        }

        // a model that saw no need of a follow-up has spoken; one that could not be asked has not
        var banked = written.Question is null && written.Outcome is not (QuestionOutcomes.NotNeeded or QuestionOutcomes.Duplicate);
        var question = written.Question ?? (banked ? bank.FollowUp(answered, [.. state.Questions]) : null);
        if (question is null || state.Questions.Any(q => q.Id == question.Id))
        {
            return null;
        }

        question.Kind = answered.Kind;
        question.FollowUpOf = Root(answered);
        return new(question, null, banked ? "bank-follow-up" : "follow-up");
    }

    /// <summary>Whether the session's plan has room for another follow-up of a question. A passage read aloud leaves nothing to ask.</summary>
    public bool AllowsFollowUp(SessionState state, Question answered)
    {
        var asked = state.Questions.Where(q => q.FollowUpOf.Length > 0).ToList();
        return state.Plan is { FollowUps: > 0 } plan && answered.Passage.Length == 0 && state.Questions.Count < MaxQuestions
            && asked.Count < options.MaxFollowUps && asked.Count(q => q.FollowUpOf == Root(answered)) < plan.FollowUps;
    }

    private static string Root(Question question) => question.FollowUpOf.Length > 0 ? question.FollowUpOf : question.Id;

    private async Task<(NextQuestion Next, string Outcome)> AtAsync(
        SessionState state, int index, CancellationToken waiting, CancellationToken cancellationToken)
    {
        var planned = state.Questions[index];
        if (writer is null || Brief(state, index) is not { } brief)
        {
            return (new(planned.Clone(), planned.Id, planned.FollowUpOf.Length > 0 ? "follow-up" : "bank"), "");
        }

        var written = new WrittenQuestion(null, QuestionOutcomes.Late);
        try
        {
            written = await writer.WriteAsync(brief, waiting);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // it goes on for whoever asks next; this candidate gets the planned one
        }

        if (written.Question is not { } question)
        {
            return (new(planned.Clone(), planned.Id, "bank"), written.Outcome);
        }

        // the writer knows one brief, not the interview
        if (state.Questions.Take(index).Any(q => q.Id == question.Id || string.Equals(q.Text, question.Text, StringComparison.OrdinalIgnoreCase)))
        {
            return (new(planned.Clone(), planned.Id, "bank"), QuestionOutcomes.Duplicate);
        }

        question.Kind = planned.Kind;
        return (new(question, planned.Id, "generated"), written.Outcome);
    }

    /// <summary>Null when the place's question is not to be generated: no plan, degraded, asked already, or a follow-up.</summary>
    private QuestionBrief? Brief(SessionState state, int index)
    {
        if (state.Plan is not { Generated: true } plan || state.DegradationLevel >= PredefinedFrom || index >= state.Questions.Count
            || index < state.QuestionIndex || state.Questions[index].FollowUpOf.Length > 0)
        {
            return null;
        }

        var slot = state.Questions.Take(index).Count(q => q.FollowUpOf.Length == 0);
        return new(
            state.Tenant, state.SessionId, state.Position, plan.Seniority, slot % ResumeEvery == 1 ? plan.ResumeSummary : "", slot,
            Variant(state.SessionId));
    }

    private int Variant(string sessionId)
    {
        var hash = 2166136261u; // FNV-1a: the same on every gateway, as string.GetHashCode is not
        foreach (var c in sessionId)
        {
            hash = (hash ^ c) * 16777619;
        }

        return (int)(hash % (uint)options.QuestionVariants);
    }

    private static Task<T> Observed<T>(Task<T> task)
    {
        _ = task.ContinueWith(static t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return task;
    }
}
