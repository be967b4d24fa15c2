using System.Diagnostics.Metrics;

namespace StreamPlatform.Gateway;

/// <summary>The gateway's meter, "StreamPlatform.Gateway".</summary>
public sealed class GatewayMetrics : IDisposable
{
    public const string MeterName = "StreamPlatform.Gateway";

    private readonly Meter meter = new(MeterName);
    private readonly Counter<long> acked;
    private readonly Counter<long> refused;
    private readonly Counter<long> unreadable;
    private readonly UpDownCounter<long> sockets;
    private readonly Histogram<double> delivery;
    private readonly Counter<long> asked;
    private readonly Histogram<double> questionWait;

    public GatewayMetrics()
    {
        acked = meter.CreateCounter<long>("gateway.acked", "{message}", "Messages acknowledged to clients, by stream.");
        refused = meter.CreateCounter<long>("gateway.refused", "{message}", "Messages refused, by code.");
        unreadable = meter.CreateCounter<long>("gateway.unreadable_records", "{record}", "Records passed over by the live push, by topic.");
        sockets = meter.CreateUpDownCounter<long>("gateway.sockets", "{socket}", "Open WebSockets, by kind.");
        delivery = meter.CreateHistogram<double>("gateway.delivery", "ms", "From handing a record to Kafka's client to its confirmation, by topic.");
        asked = meter.CreateCounter<long>(
            "gateway.questions", "{question}", "Questions asked by sessions with a plan, by origin (bank, generated, follow-up, bank-follow-up) and, of the bank, why.");
        questionWait = meter.CreateHistogram<double>("gateway.question_wait", "ms", "From an answer's confirmation to its next question's, of sessions with a plan.");
    }

    public void Acked(string stream) => acked.Add(1, new KeyValuePair<string, object?>("stream", stream));

    public void Refused(string code) => refused.Add(1, new KeyValuePair<string, object?>("code", code));

    public void Asked(string origin, string outcome, double waitedMs)
    {
        asked.Add(1, new KeyValuePair<string, object?>("origin", origin), new KeyValuePair<string, object?>("outcome", outcome));
        questionWait.Record(waitedMs);
    }

    public void Unreadable(string topic) => unreadable.Add(1, new KeyValuePair<string, object?>("topic", topic));

    public void Sockets(string kind, int change) => sockets.Add(change, new KeyValuePair<string, object?>("kind", kind));

    public void Delivered(string topic, double elapsedMs) => delivery.Record(elapsedMs, new KeyValuePair<string, object?>("topic", topic));

    public void Dispose() => meter.Dispose();
}
