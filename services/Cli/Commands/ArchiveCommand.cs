using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Npgsql;
using StreamPlatform.Hosting;
using StreamPlatform.Observability;
using StreamPlatform.Postgres.Archive;
using StreamPlatform.Postgres.Migrations;
using StreamPlatform.Postgres.Pool;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Cli.Commands;

/// <summary><c>archive --before YYYY-MM</c>, <c>archive --restore YYYY-MM</c>: old months to the object store and back, beside a running platform.</summary>
/// <param name="openObjects">The object store that the options name.</param>
internal sealed class ArchiveCommand(Func<PlatformOptions, ILoggerFactory, IObjectStore> openObjects)
{
    private readonly PlatformArguments arguments = new();
    private readonly Option<string?> before = new("--before") { Description = "Archive every month before this one, e.g. 2026-01" };
    private readonly Option<string?> restore = new("--restore") { Description = "Bring this month back, e.g. 2025-11" };

    public Command Create()
    {
        var command = new Command("archive", "Move months of sessions and emotions to the object store, or bring one back; what an interrupted run began is finished first") { before, restore };
        arguments.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            var options = arguments.Read(parsed, LogLevel.Warning);
            var (archiving, month) = (parsed.GetValue(before), parsed.GetValue(restore)) switch
            {
                ({ } given, null) => (true, Month("--before", given)),
                (null, { } given) => (false, Month("--restore", given)),
                _ => throw new ArgumentException("give --before YYYY-MM or --restore YYYY-MM, one of the two"),
            };
            using var loggers = PlatformLogging.CreateFactory(options.LogLevel);
            await RunAsync(options, archiving, month, loggers, ct);
            return 0;
        });
        return command;
    }

    private async Task RunAsync(PlatformOptions options, bool archiving, DateOnly month, ILoggerFactory loggers, CancellationToken ct)
    {
        try
        {
            await using var database = PostgresPool.Open(ConnectionString(options), "archive", new PoolOptions { MaxConnections = 2, ApplicationName = "streamplatform-archive" }, loggers);
            await PostgresMigrations.ApplyAsync(database, loggers, TimeProvider.System, ct);
            var archive = new PartitionArchive(database, openObjects(options, loggers), loggers, TimeProvider.System);
            var done = archiving ? await archive.ArchiveAsync(month, ct) : await archive.RestoreAsync(month, ct);
            foreach (var partition in done)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{partition.Name} part {partition.Part}: {partition.State}, {partition.Rows} rows, {partition.Bytes} bytes, {partition.Key}"));
            }

            Console.WriteLine(done.Count == 0 ? "nothing to do" : $"{done.Count} {(archiving ? "archived" : "restored")}");
        }
        catch (Exception error) when (error is PostgresArchiveException or PostgresMigrationException or NpgsqlException)
        {
            throw new PlatformException(error.Message, error);
        }
    }

    // the embedded server's socket lies in its data directory
    private static string ConnectionString(PlatformOptions options)
    {
        var embedded = Path.Combine(options.Data, "postgres");
        return options.Postgres.Length > 0 ? options.Postgres
            : File.Exists(Path.Combine(embedded, ".s.PGSQL.5432")) ? new NpgsqlConnectionStringBuilder { Host = embedded, Username = "streamplatform", Database = "streamplatform" }.ConnectionString
            : throw new ArgumentException($"no PostgreSQL runs on {options.Data}: start the platform (./streamplatform up), or give --postgres or --data");
    }

    private static DateOnly Month(string option, string text) => DateOnly.TryParseExact(text, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.None, out var month)
        ? month
        : throw new ArgumentException($"{option} is '{text}'; it takes a month such as 2026-01");
}
