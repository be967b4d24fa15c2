using System.Net;
using Cassandra.Protocol;

namespace Cassandra;

/// <summary>What events have announced and nobody has read up yet. Filled by the connection's reading loop, which it never holds up.</summary>
internal sealed class PendingChanges
{
    /// <summary>Addresses and keyspaces kept at most; more are read up with everything else.</summary>
    private const int MaxPending = 4096;

    private readonly Lock gate = new();
    private Changes changes = new();
    private TaskCompletionSource arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Add(EventResponse happened)
    {
        lock (gate)
        {
            switch (happened)
            {
                case TopologyChangeEvent:
                    changes.Topology = true;
                    break;
                case StatusChangeEvent status when changes.Up.Count + changes.Down.Count < MaxPending:
                    bool up = status.Change == "UP";
                    (up ? changes.Down : changes.Up).Remove(status.Address); // the last word counts
                    (up ? changes.Up : changes.Down).Add(status.Address);
                    changes.Topology |= up; // a node that comes back may have moved, or be one that was never heard of
                    break;
                case SchemaChangeEvent schema when changes.Keyspaces.Count < MaxPending:
                    changes.Keyspaces.Add(schema.Change.Keyspace);
                    break;
                default:
                    return;
            }
            arrived.TrySetResult();
        }
    }

    public Task WaitAsync(CancellationToken ct)
    {
        lock (gate)
        {
            return arrived.Task.WaitAsync(ct);
        }
    }

    public Changes Take()
    {
        lock (gate)
        {
            Changes taken = changes;
            changes = new Changes();
            arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return taken;
        }
    }

    internal sealed class Changes
    {
        public bool Topology { get; set; }

        public HashSet<string> Keyspaces { get; } = [];

        public HashSet<IPEndPoint> Up { get; } = [];

        public HashSet<IPEndPoint> Down { get; } = [];
    }
}
