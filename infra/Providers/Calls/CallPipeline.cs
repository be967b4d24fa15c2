using Microsoft.Extensions.Logging;

namespace StreamPlatform.Providers;

/// <summary>
/// The way of every call of one kind: budget, slot by priority, key, breaker, attempt, and again as the class of retries allows. Whatever happens,
/// the cost is settled and the call recorded.
/// </summary>
internal sealed class CallPipeline
{
    private readonly CallKind kind;
    private readonly ProviderOptions options;
    private readonly KeyPool keys;
    private readonly SpendGuard budgets;
    private readonly CallRecorder recorder;
    private readonly TimeProvider time;
    private readonly ILogger logger;

    public CallPipeline(CallKind kind, ProviderOptions options, KeyPool keys, SpendGuard budgets, CallRecorder recorder, TimeProvider time, ILogger logger)
    {
        this.kind = kind;
        this.options = options;
        this.keys = keys;
        this.budgets = budgets;
        this.recorder = recorder;
        this.time = time;
        this.logger = logger;
        Gate = new PriorityGate(options.MaxConcurrentCalls, options.MaxWaitingCalls, time);
        Breaker = new CircuitBreaker(BreakerRules.Of(kind), time, (from, to) =>
        {
            Log.BreakerChanged(logger, kind, from, to);
            recorder.BreakerChanged(kind, to);
        });
    }

    public CircuitBreaker Breaker { get; }

    public PriorityGate Gate { get; }

    /// <exception cref="ProviderException">No answer.</exception>
    public async Task<Answered<T>> RunAsync<T>(CallPlan<T> plan, CallContext context, CancellationToken ct)
    {
        var call = new CallProgress(time, time.GetTimestamp(), context.Retries == RetryClass.Live ? options.LiveDeadline : null);
        SpendGuard.Reservation? reservation = null;
        CallCost? cost = null;
        ProviderFailure? failure = null;
        try
        {
            reservation = await budgets.ReserveAsync(context, plan.EstimateUsd, ct);
            var result = await AttemptAllAsync(plan, context, call, reservation, ct);
            cost = result.Cost with { CostUsd = call.SpentUsd + result.Cost.CostUsd };
            return result with { Cost = cost };
        }
        catch (ProviderException e)
        {
            failure = e.Failure;
            Log.CallFailed(logger, kind, context.Task, call.Attempts, e.Failure);
            throw;
        }
        finally
        {
            var answered = cost is not null;
            cost ??= new CallCost(plan.Model, 0, 0, call.SpentUsd, false);
            if (reservation is not null && !await reservation.SettleAsync(cost.CostUsd))
            {
                Log.CostNotSettled(logger, kind, context.Task);
            }

            recorder.Record(new CallRecord(time.GetUtcNow(), context, kind, cost, call.KeyHash, call.Attempts, failure, !answered && failure is null, call.Elapsed), plan.Model);
        }
    }

    /// <summary>Records a call that the cache answered.</summary>
    public void Served(CallContext context, CallCost cost, long startedAt) =>
        recorder.Record(new CallRecord(time.GetUtcNow(), context, kind, cost, "", 0, null, false, time.GetElapsedTime(startedAt)), cost.Model);

    private async Task<Answered<T>> AttemptAllAsync<T>(CallPlan<T> plan, CallContext context, CallProgress call, SpendGuard.Reservation reservation, CancellationToken ct)
    {
        var retries = RetryPlan.Of(context.Retries);
        var waitLeft = PriorityGate.LongestWait(context.Priority);
        while (true)
        {
            if (call.Expired)
            {
                throw Overloaded(call);
            }

            await reservation.CoverAsync(call.SpentUsd + plan.EstimateUsd, ct);
            Answered<T>? answered;
            ClassifiedFault? fault;
            var waitedFrom = time.GetTimestamp();
            using (await Gate.EnterAsync(context.Priority, call.Within(waitLeft), ct) ?? throw Overloaded(call))
            {
                // a retry may wait as long for a limited key as for any other pause
                var keyWait = call.Attempts == 0 || waitLeft > retries.Longest ? waitLeft : retries.Longest;
                using var key = await TakeKeyAsync(call, keyWait, ct);
                waitLeft = Max(TimeSpan.Zero, waitLeft - time.GetElapsedTime(waitedFrom));
                await (context.BeforeAttempt?.Invoke(ct) ?? Task.CompletedTask);
                (answered, fault) = await AttemptAsync(plan, context, call, key, ct);
                if (answered is not null)
                {
                    return answered;
                }

                SetAside(key, fault!, retries.Pause(call.Attempts, Random.Shared.NextDouble()));
            }

            await BeforeNextAsync(call, fault!, retries, ct);
        }
    }

    private async Task<KeyPool.KeyLease> TakeKeyAsync(CallProgress call, TimeSpan longest, CancellationToken ct)
    {
        if (Breaker.OpenFor > TimeSpan.Zero)
        {
            throw Stopped(call);
        }

        var until = time.GetUtcNow() + call.Within(longest);
        while (true)
        {
            var choice = keys.Take();
            if (choice.Lease is { } lease)
            {
                return lease;
            }

            var left = until - time.GetUtcNow();
            if (choice.Reason is ProviderFailure.QuotaExhausted or ProviderFailure.Rejected)
            {
                throw new ProviderException(choice.Reason, choice.Reason == ProviderFailure.Rejected ? "every key was refused" : "no key has quota left");
            }

            if (choice.FreeIn is { } free && free > left || left <= TimeSpan.Zero)
            {
                throw new ProviderException(choice.Reason, "every key is at its limit", choice.FreeIn);
            }

            // up to a whole millisecond: what is less, a delay cuts off, and the loop would spin until the key is free
            var wait = TimeSpan.FromMilliseconds(Math.Ceiling((choice.FreeIn ?? left).TotalMilliseconds));
            await Task.WhenAny(Task.Delay(wait, time, ct), choice.Changed);
            ct.ThrowIfCancellationRequested();
        }
    }

    private async Task<(Answered<T>? Answered, ClassifiedFault? Fault)> AttemptAsync<T>(CallPlan<T> plan, CallContext context, CallProgress call, KeyPool.KeyLease key, CancellationToken ct)
    {
        using var permit = Breaker.TryEnter() ?? throw Stopped(call);
        using var timeout = new CancellationTokenSource(call.Within(plan.Timeout), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        call.Attempts++;
        call.KeyHash = key.Hash;
        try
        {
            var answered = await plan.AttemptAsync(key.Secret, either.Token);
            permit.Succeeded();
            return (answered, null);
        }
        catch (Exception e)
        {
            ct.ThrowIfCancellationRequested();
            if (FailureClassifier.Classify(e, timeout.IsCancellationRequested, time.GetUtcNow()) is not { } fault)
            {
                throw;
            }

            if (fault.Fault is CallFault.ServerError or CallFault.Timeout or CallFault.Connection)
            {
                permit.Failed(fault.Message);
            }

            call.SpentUsd += fault.Fault switch
            {
                CallFault.InvalidAnswer => (e as InvalidAnswerException)?.CostUsd ?? plan.UnansweredUsd,
                CallFault.Timeout => plan.UnansweredUsd,
                _ => 0,
            };
            recorder.AttemptFailed(kind, fault.Fault);
            Log.AttemptFailed(logger, kind, context.Task, call.Attempts, fault.Fault, key.Hash);
            return (null, fault);
        }
    }

    private static void SetAside(KeyPool.KeyLease key, ClassifiedFault fault, TimeSpan pause)
    {
        switch (fault.Fault)
        {
            case CallFault.RateLimited:
                key.RateLimited(fault.RetryAfter ?? pause);
                break;
            case CallFault.Quota:
                key.WithoutQuota();
                break;
            case CallFault.Refused:
                key.Refused();
                break;
        }
    }

    // Waits as the fault asks, or throws when nothing more may be tried. Limits and quotas belong to keys: the next attempt takes another, or waits for one.
    private async Task BeforeNextAsync(CallProgress call, ClassifiedFault fault, RetryPlan retries, CancellationToken ct)
    {
        var retry = call.Attempts;
        var last = retry > retries.Retries;
        switch (fault.Fault)
        {
            case CallFault.BadRequest:
                throw new ProviderException(ProviderFailure.Rejected, $"the provider refused the request: {fault.Message}");
            case CallFault.Quota:
                ThrowIf(last, ProviderFailure.QuotaExhausted, fault);
                return;
            case CallFault.Refused:
                ThrowIf(last, ProviderFailure.Rejected, fault);
                return;
            case CallFault.RateLimited:
                ThrowIf(last, ProviderFailure.RateLimited, fault);
                return;
            case CallFault.InvalidAnswer:
                ThrowIf(last || ++call.InvalidAnswers > 1, ProviderFailure.InvalidAnswer, fault);
                return;
        }

        var pause = Max(retries.Pause(retry, Random.Shared.NextDouble()), fault.RetryAfter ?? TimeSpan.Zero);
        ThrowIf(last || pause > retries.Longest || pause > call.Within(pause), ProviderFailure.Unavailable, fault);
        if (Breaker.OpenFor > TimeSpan.Zero)
        {
            throw Stopped(call);
        }

        await Task.Delay(pause, time, ct);
    }

    private static void ThrowIf(bool condition, ProviderFailure failure, ClassifiedFault fault)
    {
        if (condition)
        {
            throw new ProviderException(failure, fault.Message, fault.RetryAfter);
        }
    }

    private static ProviderException Overloaded(CallProgress call) => new(
        call.Expired ? ProviderFailure.Unavailable : ProviderFailure.Overloaded, call.Expired ? "the call's time is up" : "no slot within the longest wait of its priority");

    private ProviderException Stopped(CallProgress call) => call.Attempts == 0
        ? new(ProviderFailure.BreakerOpen, $"the breaker of {kind} calls is open", Breaker.OpenFor)
        : new(ProviderFailure.Unavailable, $"the provider fails, the breaker of {kind} calls has opened", Breaker.OpenFor);

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
