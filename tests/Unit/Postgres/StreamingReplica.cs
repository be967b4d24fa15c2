using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StreamPlatform.Postgres.Server;
using Xunit;

namespace StreamPlatform.Tests.Unit.Postgres;

/// <summary>A primary and a streaming replica of it, made as an operator makes one: pg_basebackup -R, then start.</summary>
internal sealed class StreamingReplica : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private PostgresServer? _standby;

    private StreamingReplica()
    {
    }

    public PostgresServer Primary { get; private set; } = null!;

    public string ReplicaConnectionString { get; private set; } = "";

    public static async Task<StreamingReplica> StartAsync(PostgresFixture postgres)
    {
        var pair = new StreamingReplica();
        try
        {
            postgres.CopyTemplate(pair._directory.Data);
            pair.Primary = await StartAsync(pair._directory.Data);
            await RunAsUserAsync(pair.StandbyDirectory, binaries => [Path.Combine(binaries, "pg_basebackup"), "-h", pair.Primary.SocketDirectory, "-U", "streamplatform", "-D", pair.StandbyDirectory, "-R", "-X", "stream", "-c", "fast"]);
            await pair.StartReplicaAsync();
            return pair;
        }
        catch
        {
            await pair.DisposeAsync();
            throw;
        }
    }

    public async Task StartReplicaAsync()
    {
        _standby = await StartAsync(StandbyDirectory);
        ReplicaConnectionString = _standby.ConnectionString;
    }

    public async Task StopReplicaAsync()
    {
        await _standby!.DisposeAsync();
        _standby = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_standby is not null)
        {
            await _standby.DisposeAsync();
        }

        if (Primary is not null)
        {
            await Primary.DisposeAsync();
        }

        _directory.Dispose();
    }

    /// <summary>Makes the directory and runs the command as the server's own user.</summary>
    internal static async Task RunAsUserAsync(string directory, Func<string, string[]> command)
    {
        var user = ServerUser.For(new PostgresServerOptions());
        await user.CreateDirectoryAsync(directory, TestContext.Current.CancellationToken);
        var (exitCode, output) = await OsCommand.RunAsync(user.Command(command(PostgresBinaries.Find("").Directory)), TestContext.Current.CancellationToken);
        Assert.True(exitCode == 0, output);
    }

    private string StandbyDirectory => _directory.Data + "-standby";

    private static Task<PostgresServer> StartAsync(string directory) =>
        PostgresServer.StartAsync(new PostgresServerOptions { DataDirectory = directory, SharedBuffersMiB = 16 }, NullLoggerFactory.Instance, TimeProvider.System, TestContext.Current.CancellationToken);
}
