using System.Text.Json;

namespace StreamPlatform.Tests.Unit.Postgres.Queries;

/// <summary>What matters of a plan: which tables it reads how.</summary>
/// <param name="Query">Its SQL, for messages.</param>
/// <param name="SeqScans">Tables (partitions) that it reads from end to end.</param>
/// <param name="Indexes">Indexes that it goes through, or by which it finds that a row is there already.</param>
/// <param name="Lookups">How often it looked into each table (partition), whatever the way; those that the run left out are not among them.</param>
internal sealed record QueryPlan(string Query, IReadOnlyList<string> SeqScans, IReadOnlyList<string> Indexes, IReadOnlyDictionary<string, long> Lookups)
{
    /// <param name="explained">Of EXPLAIN (ANALYZE, FORMAT JSON).</param>
    public static QueryPlan Of(JsonElement explained)
    {
        var (scans, indexes, lookups) = (new List<string>(), new List<string>(), new Dictionary<string, long>());
        Walk(explained.GetProperty("Plan"), scans, indexes, lookups);
        return new(explained.GetProperty("Query Text").GetString()!, scans, indexes, lookups);
    }

    private static void Walk(JsonElement node, List<string> scans, List<string> indexes, Dictionary<string, long> lookups)
    {
        var kind = node.GetProperty("Node Type").GetString();
        if (kind == "Seq Scan") scans.Add(node.GetProperty("Relation Name").GetString()!);
        if (node.TryGetProperty("Index Name", out var index)) indexes.Add(index.GetString()!);
        if (node.TryGetProperty("Conflict Arbiter Indexes", out var arbiters)) indexes.AddRange(arbiters.EnumerateArray().Select(a => a.GetString()!));
        if (kind != "ModifyTable" && node.TryGetProperty("Relation Name", out var table) && node.GetProperty("Actual Loops").GetInt64() is > 0 and var loops)
        {
            lookups[table.GetString()!] = lookups.GetValueOrDefault(table.GetString()!) + loops;
        }

        if (!node.TryGetProperty("Plans", out var children)) return;
        foreach (var child in children.EnumerateArray()) Walk(child, scans, indexes, lookups);
    }
}
