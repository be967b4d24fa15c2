namespace StreamPlatform.Postgres.Server;

/// <summary>Where initdb and postgres are.</summary>
public sealed record PostgresBinaries(string Directory)
{
    public const string Variable = "STREAMPLATFORM_POSTGRES_BIN";

    public string InitDb => Path.Combine(Directory, "initdb");

    public string Postgres => Path.Combine(Directory, "postgres");

    /// <summary>The configured directory, the environment's, PATH's, or the newest below /usr/lib/postgresql.</summary>
    /// <exception cref="PostgresServerException">None holds both programs.</exception>
    public static PostgresBinaries Find(string configured)
    {
        foreach (var (source, directory) in new[] { ("option BinDirectory", configured), ($"variable {Variable}", Environment.GetEnvironmentVariable(Variable) ?? "") })
        {
            if (directory.Length > 0)
            {
                return Holds(directory)
                    ? new PostgresBinaries(directory)
                    : throw new PostgresServerException($"{source} is '{directory}', which does not hold the programs initdb and postgres");
            }
        }

        var found = FromPath().Concat(FromDebian()).FirstOrDefault(Holds)
            ?? throw new PostgresServerException($"PostgreSQL's programs initdb and postgres were not found: install PostgreSQL (Debian: apt-get install postgresql), or name their directory in {Variable}");
        return new PostgresBinaries(found);
    }

    // initdb looks for postgres beside itself, so a link in PATH is followed to the real directory.
    private static IEnumerable<string> FromPath() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => new FileInfo(Path.Combine(directory, "initdb")))
            .Where(file => file.Exists)
            .Select(file => Path.GetDirectoryName((file.ResolveLinkTarget(returnFinalTarget: true) ?? file).FullName)!);

    private static IEnumerable<string> FromDebian()
    {
        const string root = "/usr/lib/postgresql";
        return !System.IO.Directory.Exists(root)
            ? []
            : System.IO.Directory.GetDirectories(root)
                .OrderByDescending(directory => double.TryParse(Path.GetFileName(directory), out var version) ? version : 0)
                .Select(directory => Path.Combine(directory, "bin"));
    }

    private static bool Holds(string directory) => File.Exists(Path.Combine(directory, "initdb")) && File.Exists(Path.Combine(directory, "postgres"));
}
