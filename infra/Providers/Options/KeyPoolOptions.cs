namespace StreamPlatform.Providers;

/// <summary>API keys of one provider (R-20).</summary>
public sealed class KeyPoolOptions
{
    /// <summary>The keys; ignored when <see cref="File"/> is set. Both empty: calls carry the key "none", as servers without keys accept. At most 100.</summary>
    public IReadOnlyList<string> Keys { get; set; } = [];

    /// <summary>File with one key per line; "#" starts a comment. Changes are taken over while running. Empty = none.</summary>
    public string File { get; set; } = "";

    /// <summary>How often the file is looked at. Default 5 s, 100 ms .. 1 h.</summary>
    public TimeSpan ReloadInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Requests per key in any 60 seconds. Default 500, 1..100,000.</summary>
    public int RequestsPerMinute { get; set; } = 500;

    /// <summary>Requests per key at the same time. Default 32, 1..1024.</summary>
    public int MaxInFlight { get; set; } = 32;

    /// <summary>How long a key without quota is left alone; quotas are refilled without notice. Default 10 min, 1 s .. 24 h.</summary>
    public TimeSpan QuotaPause { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a key that was refused (401, 403) is left alone. Default 5 min, 1 s .. 24 h.</summary>
    public TimeSpan RefusedPause { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Keys as a list "a,b" or as the path of a file with them, as environment variables give them.</summary>
    public static KeyPoolOptions Parse(string value) =>
        value.Length == 0 ? new()
        : value.IndexOfAny(['/', '\\']) >= 0 || System.IO.File.Exists(value) ? new() { File = Path.GetFullPath(value) }
        : new() { Keys = value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) };

    /// <exception cref="ArgumentException">Names the property and what it accepts.</exception>
    public void Validate()
    {
        ProviderOptions.Require(Keys.Count <= 100, $"Keys.Keys holds {Keys.Count}; it takes at most 100");
        ProviderOptions.Require(File.Length == 0 || System.IO.File.Exists(File), $"Keys.File is '{File}'; it takes a readable file with one key per line");
        ProviderOptions.Require(ReloadInterval >= TimeSpan.FromMilliseconds(100) && ReloadInterval <= TimeSpan.FromHours(1), $"Keys.ReloadInterval is {ReloadInterval}; it takes 100 ms to 1 h");
        ProviderOptions.Require(RequestsPerMinute is >= 1 and <= 100_000, $"Keys.RequestsPerMinute is {RequestsPerMinute}; it takes 1 to 100000");
        ProviderOptions.Require(MaxInFlight is >= 1 and <= 1024, $"Keys.MaxInFlight is {MaxInFlight}; it takes 1 to 1024");
        ProviderOptions.Require(QuotaPause >= TimeSpan.FromSeconds(1) && QuotaPause <= TimeSpan.FromHours(24), $"Keys.QuotaPause is {QuotaPause}; it takes 1 s to 24 h");
        ProviderOptions.Require(RefusedPause >= TimeSpan.FromSeconds(1) && RefusedPause <= TimeSpan.FromHours(24), $"Keys.RefusedPause is {RefusedPause}; it takes 1 s to 24 h");
    }
}
