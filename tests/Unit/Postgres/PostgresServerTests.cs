using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StreamPlatform.Postgres.Server;
using Xunit;

namespace StreamPlatform.Tests.Unit.Postgres;

[Collection(PostgresCollection.Name)]
public sealed class PostgresServerTests(PostgresFixture postgres) : IDisposable
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private readonly TemporaryDirectory _directory = new();

    [Fact]
    public async Task A_stopped_server_keeps_its_rows_for_the_next_start()
    {
        postgres.CopyTemplate(_directory.Data);
        await using (var first = await StartAsync())
        {
            await ExecuteAsync(first, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)");
        }

        await using var second = await StartAsync();
        Assert.Equal(7, await ScalarAsync(second, "SELECT n FROM kept"));
    }

    [Fact]
    public async Task A_killed_server_recovers_what_was_committed()
    {
        postgres.CopyTemplate(_directory.Data);
        await using (var first = await StartAsync())
        {
            await ExecuteAsync(first, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)");
            Kill(first.ProcessId, 9);
            await first.Exited.WaitAsync(TimeSpan.FromSeconds(60), Cancel);
        }

        Assert.True(File.Exists(Path.Combine(_directory.Data, "postmaster.pid")), "a crash leaves the pid file behind");
        await using var second = await StartAsync();
        Assert.Equal(7, await ScalarAsync(second, "SELECT n FROM kept"));
    }

    [Fact]
    public async Task A_pid_file_that_names_another_process_does_not_stop_the_start()
    {
        postgres.CopyTemplate(_directory.Data);
        // This test's own process: alive, and no server.
        await File.WriteAllTextAsync(Path.Combine(_directory.Data, "postmaster.pid"), $"{Environment.ProcessId}\n{_directory.Data}\n", Cancel);

        await using var server = await StartAsync();

        Assert.Equal(1, await ScalarAsync(server, "SELECT 1"));
    }

    [Fact]
    public async Task A_server_left_by_a_killed_platform_is_stopped_and_replaced()
    {
        postgres.CopyTemplate(_directory.Data);
        using var orphan = StartOrphan();
        await WaitForAsync(() => File.Exists(Path.Combine(_directory.Data, "postmaster.pid")));

        await using var server = await StartAsync();

        Assert.True(orphan.WaitForExit(5000));
        Assert.Equal(1, await ScalarAsync(server, "SELECT 1"));
    }

    [Fact]
    public async Task The_server_ends_with_the_process_that_started_it()
    {
        postgres.CopyTemplate(_directory.Data);
        // A shell stands for the platform: it starts the server as the platform does and is then killed.
        var child = string.Join(' ', ServerUser.For(Options()).Child(PostgresBinaries.Find("").Postgres, "-D", _directory.Data, "-c", "listen_addresses=", "-c", $"unix_socket_directories={_directory.Data}").Skip(1));
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", $"{child} & echo $!; wait"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var server = int.Parse((await shell.StandardOutput.ReadLineAsync(Cancel))!, CultureInfo.InvariantCulture);
        await WaitForAsync(() => File.Exists(Path.Combine(_directory.Data, ".s.PGSQL.5432.lock")));

        shell.Kill();

        await WaitForAsync(() => HasEnded(server));
    }

    [Fact]
    public async Task A_second_instance_on_the_same_directory_is_refused_by_name()
    {
        postgres.CopyTemplate(_directory.Data);
        await using var first = await StartAsync();

        var error = await Assert.ThrowsAsync<PostgresServerException>(StartAsync);

        Assert.Contains("in use by another instance", error.Message, StringComparison.Ordinal);
        Assert.Contains(_directory.Data, error.Message, StringComparison.Ordinal);
        Assert.Equal(1, await ScalarAsync(first, "SELECT 1"));
    }

    [Fact]
    public async Task A_data_directory_that_cannot_be_written_is_named()
    {
        PostgresFixture.RequirePrograms();
        // Root writes everywhere, the server's user does not; an ordinary user is stopped by the mode itself.
        var closed = Directory.CreateDirectory(Path.Combine(_directory.Root, "closed")).FullName;
        var mode = Environment.IsPrivilegedProcess ? UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute : UnixFileMode.UserRead | UnixFileMode.UserExecute;
        SetMode(closed, mode);

        var error = await Assert.ThrowsAsync<PostgresServerException>(() => StartAsync(Path.Combine(closed, "data")));

        SetMode(closed, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Assert.Contains("cannot be written", error.Message, StringComparison.Ordinal);
        Assert.Contains(closed, error.Message, StringComparison.Ordinal);
        Assert.Contains("--data", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_with_something_else_in_it_is_left_alone()
    {
        PostgresFixture.RequirePrograms();
        Directory.CreateDirectory(_directory.Data);
        var file = Path.Combine(_directory.Data, "thesis.txt");
        await File.WriteAllTextAsync(file, "precious", Cancel);

        var error = await Assert.ThrowsAsync<PostgresServerException>(StartAsync);

        Assert.Contains("not a PostgreSQL data directory", error.Message, StringComparison.Ordinal);
        Assert.Equal("precious", await File.ReadAllTextAsync(file, Cancel));
    }

    [Fact]
    public async Task A_path_too_long_for_a_socket_still_works()
    {
        PostgresFixture.RequirePrograms();
        var path = Path.Combine(_directory.Root, new string('d', 100), "data");

        await using var server = await StartAsync(path);

        Assert.Equal(1, await ScalarAsync(server, "SELECT 1"));
        Assert.True(server.SocketDirectory.Length < 90);
    }

    [Fact]
    public void Options_out_of_range_are_named()
    {
        var error = Assert.Throws<ArgumentException>(() => new PostgresServerOptions { DataDirectory = "/d", MaxConnections = 1 }.Validate());
        Assert.Contains("MaxConnections", error.Message, StringComparison.Ordinal);
        Assert.Contains("10..1000", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _directory.Dispose();

    private PostgresServerOptions Options() => new() { DataDirectory = _directory.Data, SharedBuffersMiB = 16 };

    private Task<PostgresServer> StartAsync() => StartAsync(_directory.Data);

    private static Task<PostgresServer> StartAsync(string directory) =>
        PostgresServer.StartAsync(new PostgresServerOptions { DataDirectory = directory, SharedBuffersMiB = 16 }, NullLoggerFactory.Instance, TimeProvider.System, Cancel);

    // As the platform starts it, less the tie to its parent.
    private Process StartOrphan()
    {
        var command = ServerUser.For(Options()).Command(PostgresBinaries.Find("").Postgres, "-D", _directory.Data, "-c", "listen_addresses=", "-c", $"unix_socket_directories={_directory.Data}");
        return Process.Start(new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardError = true, RedirectStandardOutput = true })!;
    }

    private static async Task ExecuteAsync(PostgresServer server, string sql)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync(Cancel);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Cancel);
    }

    private static async Task<int> ScalarAsync(PostgresServer server, string sql)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync(Cancel);
        await using var command = new NpgsqlCommand(sql, connection);
        return Convert.ToInt32(await command.ExecuteScalarAsync(Cancel), CultureInfo.InvariantCulture);
    }

    // Gone, or a zombie that its new parent has not collected yet.
    private static bool HasEnded(int processId)
    {
        try
        {
            return File.ReadAllText($"/proc/{processId}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static void Kill(int processId, int signal) => Process.Start("kill", [$"-{signal}", processId.ToString(CultureInfo.InvariantCulture)])!.WaitForExit();

    private static void SetMode(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    private static async Task WaitForAsync(Func<bool> condition)
    {
        var until = Stopwatch.GetTimestamp() + 60 * Stopwatch.Frequency;
        while (!condition())
        {
            Assert.True(Stopwatch.GetTimestamp() < until, "the condition did not come true within 60 s");
            await Task.Delay(20, Cancel);
        }
    }
}
