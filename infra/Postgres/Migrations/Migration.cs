using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace StreamPlatform.Postgres.Migrations;

/// <summary>How a migration runs; its file's first line says it ("-- runs: concurrently", "-- runs: in batches"), else in one transaction.</summary>
public enum MigrationKind
{
    /// <summary>One transaction: takes effect whole or not at all. Its locks are held until its end, so it changes at most one table that others write.</summary>
    Transaction,

    /// <summary>Statement by statement, outside a transaction: CREATE INDEX CONCURRENTLY, VALIDATE CONSTRAINT. Repeatable after an interruption.</summary>
    Concurrently,

    /// <summary>One statement, repeated, each time its own transaction, until it changes no row.</summary>
    Batches,
}

/// <summary>One SQL file: "0001_name.sql".</summary>
/// <param name="Checksum">SHA-256 of the text, line ends as LF, in lower-case hex.</param>
public sealed record Migration(int Version, string Name, string Sql, string Checksum)
{
    private const string Marker = "-- runs: ";

    public MigrationKind Kind { get; } = KindOf(Name, Sql);

    internal static Migration Of(string name, string sql)
    {
        var text = sql.ReplaceLineEndings("\n");
        return new(int.Parse(name.AsSpan(0, 4), CultureInfo.InvariantCulture), name, text, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))));
    }

    /// <summary>The statements of a file that runs outside a transaction: each ends with ';' at a line's end; whole lines of comment are left out.</summary>
    internal IEnumerable<string> Statements() =>
        string.Join('\n', Sql.Split('\n').Where(line => !line.StartsWith("--", StringComparison.Ordinal)))
            .Split(";\n").Select(statement => statement.Trim().TrimEnd(';')).Where(statement => statement.Length > 0);

    private static MigrationKind KindOf(string name, string sql) => !sql.StartsWith(Marker, StringComparison.Ordinal) ? MigrationKind.Transaction : sql.AsSpan(Marker.Length, Math.Max(0, sql.IndexOf('\n') - Marker.Length)) switch
    {
        "concurrently" => MigrationKind.Concurrently,
        "in batches" => MigrationKind.Batches,
        _ => throw new PostgresMigrationException($"migration {name} begins with '{Marker}' and neither 'concurrently' nor 'in batches'"),
    };
}

/// <summary>The database does not fit this program; the message names what to fix.</summary>
public sealed class PostgresMigrationException : Exception
{
    public PostgresMigrationException(string message)
        : base(message)
    {
    }

    public PostgresMigrationException(string message, Exception cause)
        : base(message, cause)
    {
    }
}
