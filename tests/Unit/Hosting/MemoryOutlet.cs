using Google.Protobuf;
using StreamPlatform.Hosting;

namespace StreamPlatform.Tests.Unit.Hosting;

/// <summary>Keeps what is sent.</summary>
internal sealed class MemoryOutlet : IEventOutlet
{
    private readonly Lock gate = new();
    private readonly List<(string Topic, string Key, IMessage Value)> sent = [];

    public IReadOnlyList<(string Topic, string Key, IMessage Value)> Sent
    {
        get
        {
            lock (gate)
            {
                return [.. sent];
            }
        }
    }

    public void Send<T>(string topic, string key, string tenant, string id, long timestampMs, T value) where T : class, IMessage<T>, new()
    {
        lock (gate)
        {
            sent.Add((topic, key, value));
        }
    }
}
