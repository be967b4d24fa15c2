using System.Text.Json;

namespace StreamPlatform.Tests.Unit.Postgres.Queries;

/// <summary>What matters of a plan: which tables it reads how.</summary>
/// <param name="Query">Its SQL, for messages.</param>
/// <param name="SeqScans">Tables (partitions) that it reads from end to end.</param>
/// <param name="Indexes">Indexes that it goes through.</param>
internal sealed record QueryPlan(string Query, IReadOnlyList<string> SeqScans, IReadOnlyList<string> Indexes)
{
    public static QueryPlan Of(JsonElement explained)
    {
        var (scans, indexes) = (new List<string>(), new List<string>());
        Walk(explained.GetProperty("Plan"), scans, indexes);
        return new(explained.GetProperty("Query Text").GetString()!, scans, indexes);
    }

    private static void Walk(JsonElement node, List<string> scans, List<string> indexes)
    {
        if (node.GetProperty("Node Type").GetString() == "Seq Scan") scans.Add(node.GetProperty("Relation Name").GetString()!);
        if (node.TryGetProperty("Index Name", out var index)) indexes.Add(index.GetString()!);
        if (!node.TryGetProperty("Plans", out var children)) return;
        foreach (var child in children.EnumerateArray()) Walk(child, scans, indexes);
    }
}
