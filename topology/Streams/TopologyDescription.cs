using System.Text;

namespace StreamPlatform.Streams;

internal static class TopologyDescription
{
    public static string Text(Topology topology)
    {
        var text = new StringBuilder();
        text.Append("application ").AppendLine(topology.ApplicationId);
        foreach (var sub in topology.Subs)
        {
            text.AppendLine($"  sub-topology {sub.Index}: {Ordering(sub)}");
            foreach (var node in sub.Nodes)
            {
                text.Append($"    {node.Kind} {node.Name}");
                if (node.Detail.Length > 0) text.Append(" (").Append(node.Detail).Append(')');
                if (node.Children.Count > 0) text.Append(" -> ").AppendJoin(", ", node.Children.Select(c => $"{c.Kind} {c.Name}"));
                if (node is IRepartitionNode { Next: { } next }) text.Append($" => sub-topology {topology.Subs.First(s => s.Nodes.Contains(next)).Index}");
                text.AppendLine();
            }
        }
        return text.ToString();
    }

    public static string Mermaid(Topology topology)
    {
        var text = new StringBuilder("flowchart LR\n");
        foreach (var sub in topology.Subs)
        {
            text.AppendLine($"  subgraph s{sub.Index}[\"sub-topology {sub.Index}\"]");
            foreach (var node in sub.Nodes)
                text.AppendLine(node is SourceNode || node.Kind is "to" or "sink" or "repartition"
                    ? $"    n{node.Id}[(\"{node.Kind} {node.Name}\")]" : $"    n{node.Id}[\"{node.Kind} {node.Name}\"]");
            foreach (var node in sub.Nodes)
                foreach (var child in node.Children) text.AppendLine($"    n{node.Id} --> n{child.Id}");
            text.AppendLine("  end");
        }
        foreach (var node in topology.Subs.SelectMany(s => s.Nodes))
            if (node is IRepartitionNode { Next: { } next }) text.AppendLine($"  n{node.Id} ==> n{next.Id}");
        return text.ToString();
    }

    private static string Ordering(SubTopology sub) =>
        sub.Ordering == Streams.Ordering.None ? "any number of records at once, outputs in order per key"
        : sub.Ordering == Streams.Ordering.Partition && sub.NeedsKeyLock ? "one record of a partition at a time"
        : sub.HoldsLockToFinish ? "one record of a key at a time until it is finished" : sub.NeedsKeyLock ? "one record of a key at a time" : "partition order";
}
