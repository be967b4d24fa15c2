namespace StreamPlatform.Postgres.Archive;

/// <summary>A table in monthly partitions NAME_yyyy_mm, with NAME_other for times that no month holds.</summary>
/// <param name="Time">The column that decides the month.</param>
/// <param name="Key">Its primary key.</param>
/// <param name="Index">A table of the key's columns that says in which month a row lies; empty = there is none.</param>
public sealed record ArchivedTable(string Name, string Time, IReadOnlyList<string> Key, string Index = "")
{
    /// <summary>Those whose old months may leave the database.</summary>
    public static IReadOnlyList<ArchivedTable> All { get; } =
    [
        new("interview_sessions", "created_at", ["session_id", "created_at"], "session_index"),
        new("emotion_observations", "captured_at", ["session_id", "sequence", "captured_at"]),
    ];

    internal string Other => Name + "_other";

    internal string KeyList => string.Join(", ", Key);
}

/// <summary>A row of archived_partitions: one month of one table, or what came late for it.</summary>
/// <param name="Name">Of the partition, e.g. interview_sessions_2024_01.</param>
/// <param name="Part">From 1; a month that received late rows and was archived again has several.</param>
/// <param name="Parent">Of the table.</param>
/// <param name="From">First time that it holds, UTC.</param>
/// <param name="To">First time that it no longer holds, UTC.</param>
/// <param name="State">detached, stored, archived or restored.</param>
/// <param name="Columns">In the order of the object's rows.</param>
/// <param name="Key">Of the object: PostgreSQL's binary COPY format, gzip.</param>
/// <param name="Bytes">Of the object.</param>
/// <param name="Sha256">Of the rows before compression, lower-case hex.</param>
public sealed record ArchivedPartition(
    string Name, int Part, string Parent, DateTime From, DateTime To, string State, IReadOnlyList<string> Columns, long Rows, string Key, long Bytes, string Sha256)
{
    /// <summary>The table while it is no partition any more and not an object yet.</summary>
    internal string Detached => $"{Name}_archiving_{Part}";

    /// <summary>The table while it is being filled from the object.</summary>
    internal string Staging => $"{Name}_restoring_{Part}";

    internal string ColumnList => string.Join(", ", Columns);
}

/// <summary>After which step; tests stop there.</summary>
internal enum ArchiveStep
{
    Detached,
    Copied,
    Stored,
    Verified,
    Dropped,
    Loaded,
    Attached,
}

/// <summary>A month could not be archived or restored; the message names what to do. Nothing is lost: the next run goes on.</summary>
public sealed class PostgresArchiveException(string message) : Exception(message);
