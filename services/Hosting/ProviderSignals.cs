using StreamPlatform.Providers;
using StreamPlatform.Topology.Ladder;

namespace StreamPlatform.Hosting;

/// <summary>Tells the ladder how calls of the model that asks questions went. How the model that scores does is told by the scores' topic.</summary>
internal sealed class ProviderSignals(SignalBoard board) : ICallObserver
{
    public void Completed(CallRecord call)
    {
        if (call is { Kind: CallKind.Chat, Cancelled: false, Cost.FromCache: false, Context.Task: "question" or "follow-up" })
        {
            board.Report(LadderComponent.QuestionModel, call.Failure is null, call.Duration);
        }
    }
}
