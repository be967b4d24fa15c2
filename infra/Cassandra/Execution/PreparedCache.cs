using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Cassandra;

/// <summary>All statements prepared by a cluster's sessions, so that a host that comes up can be told them. Bounded.</summary>
internal sealed class PreparedCache(ILogger log)
{
    /// <summary>More different texts than this are a program that puts values into them.</summary>
    public const int MaxStatements = 10_000;

    private readonly ConcurrentDictionary<(string? Keyspace, string Cql), PreparedStatement> statements = new();
    private int warned;

    public ICollection<PreparedStatement> All => statements.Values;

    public PreparedStatement? Find(string? keyspace, string cql) => statements.GetValueOrDefault((keyspace, cql));

    /// <summary>The one to use: two that prepare the same text at the same time get the same.</summary>
    public PreparedStatement Add(PreparedStatement prepared)
    {
        if (statements.Count < MaxStatements)
        {
            return statements.GetOrAdd((prepared.PreparedIn, prepared.Cql), prepared);
        }
        if (Interlocked.Exchange(ref warned, 1) == 0)
        {
            log.PreparedCacheFull(MaxStatements);
        }
        return prepared;
    }
}
