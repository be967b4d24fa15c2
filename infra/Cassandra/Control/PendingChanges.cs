using System.Net;
using Cassandra.Protocol;

namespace Cassandra;

/// <summary>What events have announced and nobody has read up yet. Filled by the connection's reading loop, which it never holds up.</summary>
internal sealed class PendingChanges
{
    /// <summary>Addresses and keyspaces kept at most; beyond, all keyspaces are read up, and hosts are found up or down when they are asked.</summary>
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
                case SchemaChangeEvent schema:
                    Add(schema.Change.Keyspace);
                    break;
                default:
                    return;
            }
            arrived.TrySetResult();
        }
    }

    /// <summary>What was taken could not be read up: it is pending again, with what has been announced since.</summary>
    public void PutBack(Changes taken)
    {
        lock (gate)
        {
            changes.Topology |= taken.Topology;
            changes.AllKeyspaces |= taken.AllKeyspaces;
            foreach (string keyspace in taken.Keyspaces)
            {
                Add(keyspace);
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

    private void Add(string keyspace)
    {
        if (changes.Keyspaces.Count < MaxPending)
        {
            changes.Keyspaces.Add(keyspace);
        }
        else
        {
            changes.AllKeyspaces = true;
        }
    }

    internal sealed class Changes
    {
        public bool Topology { get; set; }

        public bool AllKeyspaces { get; set; }

        public HashSet<string> Keyspaces { get; } = [];

        public HashSet<IPEndPoint> Up { get; } = [];

        public HashSet<IPEndPoint> Down { get; } = [];
    }
}
