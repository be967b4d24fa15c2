namespace StreamPlatform.Postgres.Server;

/// <summary>The PostgreSQL that the platform starts as its child.</summary>
public sealed class PostgresServerOptions
{
    /// <summary>Directory of the database files, created when missing. Absolute. Its lock file lies beside it ("DIR.lock").</summary>
    public string DataDirectory { get; set; } = "";

    /// <summary>Directory of initdb and postgres; empty = STREAMPLATFORM_POSTGRES_BIN, then PATH, then the newest below /usr/lib/postgresql.</summary>
    public string BinDirectory { get; set; } = "";

    /// <summary>Operating-system user that the server runs as when the platform is root (PostgreSQL refuses root).</summary>
    public string RunAsUser { get; set; } = "postgres";

    /// <summary>Database created for the platform. Lower-case letters, digits and underscores.</summary>
    public string Database { get; set; } = "streamplatform";

    /// <summary>Connections the server admits. Default 60, 10..1000.</summary>
    public int MaxConnections { get; set; } = 60;

    /// <summary>Shared buffers in mebibytes. Default 64, 16..65536.</summary>
    public int SharedBuffersMiB { get; set; } = 64;

    /// <summary>From start to the first answered query, crash recovery included. Default 60 s, 1 s .. 10 min.</summary>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>For an orderly stop; after it the server is stopped without a checkpoint (and recovers at the next start). Default 15 s, 1 s .. 5 min.</summary>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <exception cref="ArgumentException">Names the option and the accepted range.</exception>
    public void Validate()
    {
        Require(Path.IsPathFullyQualified(DataDirectory), nameof(DataDirectory), DataDirectory, "an absolute directory");
        Require(BinDirectory.Length == 0 || Path.IsPathFullyQualified(BinDirectory), nameof(BinDirectory), BinDirectory, "an absolute directory, or nothing");
        Require(IsPlainName(RunAsUser), nameof(RunAsUser), RunAsUser, "the name of an operating-system user");
        Require(IsPlainName(Database), nameof(Database), Database, "lower-case letters, digits and underscores");
        Require(MaxConnections is >= 10 and <= 1000, nameof(MaxConnections), MaxConnections, "10..1000");
        Require(SharedBuffersMiB is >= 16 and <= 65536, nameof(SharedBuffersMiB), SharedBuffersMiB, "16..65536 (MiB)");
        Require(StartTimeout >= TimeSpan.FromSeconds(1) && StartTimeout <= TimeSpan.FromMinutes(10), nameof(StartTimeout), StartTimeout, "1 s .. 10 min");
        Require(StopTimeout >= TimeSpan.FromSeconds(1) && StopTimeout <= TimeSpan.FromMinutes(5), nameof(StopTimeout), StopTimeout, "1 s .. 5 min");
    }

    private static bool IsPlainName(string name) =>
        name.Length is > 0 and < 64 && name.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '_' or '-');

    private static void Require(bool condition, string option, object value, string accepted)
    {
        if (!condition)
        {
            throw new ArgumentException($"PostgreSQL option {option} is '{value}'; it takes {accepted}");
        }
    }
}
