using Google.Protobuf;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ladder;

namespace StreamPlatform.Gateway.Ladder;

/// <summary>Signals that the topics carry, whichever process wrote them: how late results are, whether the model that scores answers, and how the engines of other processes do.</summary>
internal static class TopicSignals
{
    public static void Read(IMessage value, SignalBoard board)
    {
        switch (value)
        {
            case EngineSignal signal when signal.Instance != board.Instance && ComponentNames.Parse(signal.Component) is { } component:
                board.ReportState(component, signal.Down, signal.Instance);
                break;
            case EmotionObserved emotion:
                board.ReportResult(emotion.CapturedAtMs);
                break;
            case AnswerScored { Override: null } score when score.Flags.Any(f => f.StartsWith(ScoreFlags.ProviderFailed, StringComparison.Ordinal) || f == ScoreFlags.Deadline):
                board.Report(LadderComponent.ScoringModel, worked: false);
                break;
            case AnswerScored { Override: null, Model.Length: > 0 }:
                board.Report(LadderComponent.ScoringModel, worked: true);
                break;
        }
    }
}
