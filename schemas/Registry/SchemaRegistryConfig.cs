namespace StreamPlatform.Schemas;

/// <summary>How to reach a schema registry.</summary>
public sealed class SchemaRegistryConfig
{
    /// <summary>Base addresses, comma-separated; tried in order. No default.</summary>
    public string Url { get; set; } = "";

    /// <summary>Ceiling of one request, milliseconds. Default 10000, range 100..300000.</summary>
    public int RequestTimeoutMs { get; set; } = 10_000;

    /// <summary>Entries kept in each cache (ids, subjects). Default 1000, range 1..100000.</summary>
    public int MaxCachedSchemas { get; set; } = 1000;

    /// <summary>Further attempts after a failed one (connection errors, 408, 429, 5xx). Default 3, range 0..20.</summary>
    public int MaxRetries { get; set; } = 3;

    /// <summary>Wait before the first retry, doubled each time, milliseconds. Default 200, range 1..60000.</summary>
    public int RetriesWaitMs { get; set; } = 200;

    /// <summary>"user:password" for HTTP basic authentication; null for none.</summary>
    public string? BasicAuthUserInfo { get; set; }

    /// <summary>Base addresses, each ending in a slash.</summary>
    internal IReadOnlyList<Uri> BaseAddresses =>
        [.. Url.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(u => new Uri(u.TrimEnd('/') + "/"))];

    /// <exception cref="ArgumentException">A value is missing or outside its range; the message names it.</exception>
    public void Validate()
    {
        string[] urls = Url.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (urls.Length == 0)
        {
            throw new ArgumentException("SchemaRegistryConfig.Url is empty: give the registry's address, e.g. http://127.0.0.1:8081");
        }

        foreach (string url in urls)
        {
            if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https"))
            {
                throw new ArgumentException($"SchemaRegistryConfig.Url: '{url}' is no http(s) address");
            }
        }

        Range(nameof(RequestTimeoutMs), RequestTimeoutMs, 100, 300_000);
        Range(nameof(MaxCachedSchemas), MaxCachedSchemas, 1, 100_000);
        Range(nameof(MaxRetries), MaxRetries, 0, 20);
        Range(nameof(RetriesWaitMs), RetriesWaitMs, 1, 60_000);
    }

    private static void Range(string name, int value, int min, int max)
    {
        if (value < min || value > max)
        {
            throw new ArgumentException($"SchemaRegistryConfig.{name} is {value}, accepted: {min}..{max}");
        }
    }
}
