using System.Globalization;
using System.Text.RegularExpressions;

namespace StreamPlatform.EmotionSeries;

/// <summary>Which Cassandra keeps the emotion series, and how it is used.</summary>
public sealed partial class CassandraSeriesOptions
{
    /// <summary>HOST:PORT[,HOST:PORT]: nodes to begin with; the others are found. At most 100.</summary>
    public string ContactPoints { get; set; } = "";

    /// <summary>Made when it is not there. Letters, digits and '_', at most 48, the first a letter. Default streamplatform.</summary>
    public string Keyspace { get; set; } = "streamplatform";

    /// <summary>User of PasswordAuthenticator; empty = none.</summary>
    public string User { get; set; } = "";

    /// <summary>Password of <see cref="User"/>. Never logged.</summary>
    public string Password { get; set; } = "";

    /// <summary>Datacenter whose nodes are asked; empty = that of the first node that answers.</summary>
    public string Datacenter { get; set; } = "";

    /// <summary>TLS, certificates checked against the machine's authorities. Default false.</summary>
    public bool Tls { get; set; }

    /// <summary>The name that the certificates of all nodes carry. Default empty: each carries its node's address.</summary>
    public string TlsName { get; set; } = "";

    /// <summary>Copies of each row per datacenter, of a keyspace that is made. 1..9, default 1.</summary>
    public int ReplicationFactor { get; set; } = 1;

    /// <summary>How long a row is kept: what is measured of a recording lives as long as the recording (R-44: 4 years). 1 day .. 10 years, because Cassandra's usual files end in January 2038.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(1461);

    /// <summary>Writes that wait for an answer at once, over all callers; further ones wait. 1..2048, default 32.</summary>
    public int MaxInFlight { get; set; } = 32;

    /// <summary>Rows of one partition that are written in one request. 1..500, default 100.</summary>
    public int RowsPerRequest { get; set; } = 100;

    /// <summary>How long one request may take, its retries included. 100 ms .. 60 s, default 10 s.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The contact points, one by one.</summary>
    public IReadOnlyList<string> Points => ContactPoints.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <exception cref="ArgumentException">Names the option and what it accepts.</exception>
    public void Validate()
    {
        Require(Points.Count is >= 1 and <= 100 && Points.All(IsPoint), $"--cassandra is '{ContactPoints}'; it takes HOST:PORT[,HOST:PORT] such as 127.0.0.1:9042");
        Require(KeyspaceName().IsMatch(Keyspace), $"the Cassandra keyspace is '{Keyspace}'; it takes letters, digits and '_', at most 48, the first a letter");
        Require(User.Length > 0 || Password.Length == 0, "a Cassandra password is given without a user; set STREAMPLATFORM_CASSANDRA_USER too");
        Require(TlsName.Length == 0 || (Tls && Uri.CheckHostName(TlsName) != UriHostNameType.Unknown), $"the name of Cassandra's certificates is '{TlsName}'; it takes a host name, with STREAMPLATFORM_CASSANDRA_TLS=1");
        Require(ReplicationFactor is >= 1 and <= 9, $"the Cassandra replication factor is {ReplicationFactor}; it takes 1 to 9");
        Require(Retention >= TimeSpan.FromDays(1) && Retention <= TimeSpan.FromDays(3650), $"the retention of the emotion series is {Retention.TotalDays:0.#} days; it takes 1 to 3650");
        Require(MaxInFlight is >= 1 and <= 2048, $"the Cassandra writes in flight are {MaxInFlight}; they take 1 to 2048");
        Require(RowsPerRequest is >= 1 and <= 500, $"the rows per Cassandra request are {RowsPerRequest}; they take 1 to 500");
        Require(RequestTimeout >= TimeSpan.FromMilliseconds(100) && RequestTimeout <= TimeSpan.FromSeconds(60), $"the Cassandra request timeout is {RequestTimeout}; it takes 100 ms to 60 s");
    }

    private static bool IsPoint(string point)
    {
        var colon = point.LastIndexOf(':');
        return colon > 0 && int.TryParse(point.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 1 and <= 65_535;
    }

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new ArgumentException(message);
        }
    }

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_]{0,47}\z")]
    private static partial Regex KeyspaceName();
}
