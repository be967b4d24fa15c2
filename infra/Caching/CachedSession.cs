using StreamPlatform.Topology.Caching;

namespace StreamPlatform.Caching;

/// <summary>Names that who changes a session's rows and who caches them agree on.</summary>
public static class CachedSession
{
    /// <summary>Cache named by an invalidation: everything that is kept of the session.</summary>
    public const string Invalidation = "session";

    /// <summary>Key of a session's results in the shared cache.</summary>
    public static string RemoteResults(string sessionId) => $"{CachePolicy.Results.Name}:{sessionId}";

    /// <summary>Key of a session's report in the shared cache.</summary>
    public static string RemoteReport(string sessionId) => $"{CachePolicy.Reports.Name}:{sessionId}";
}
