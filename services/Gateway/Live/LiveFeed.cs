using Microsoft.Extensions.Hosting;
using StreamPlatform.Gateway.Kafka;
using StreamPlatform.Gateway.Ladder;
using StreamPlatform.Gateway.Questions;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ladder;

namespace StreamPlatform.Gateway.Live;

/// <summary>Reads what the processors write, from now on, into the hub; transcripts go to the follow-ups too, and what they tell of the engines to the ladder.</summary>
internal sealed class LiveFeed(IEventTail tail, LiveHub hub, SpokenFollowUps followUps, SignalBoard signals) : BackgroundService
{
    private static readonly string[] Followed =
        [Topics.Answers, Topics.Emotions, Topics.EmotionWindows, Topics.Transcripts, Topics.Scores, Topics.Reports, Topics.Events, Topics.Signals];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await tail.RunAsync(Followed, TailStart.End, Push, static () => { }, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // the host is stopping
        }
    }

    private void Push(TailRecord record)
    {
        if (record.Value is not null)
        {
            TopicSignals.Read(record.Value, signals);
        }

        if (record.Value is Transcript { Completed: { } transcript })
        {
            followUps.Offer(transcript);
        }

        if (record.Value is not null && LiveMessages.From(record.Value) is { } message)
        {
            hub.Publish(record.Key, GatewayJson.Utf8(message));
        }
    }
}
