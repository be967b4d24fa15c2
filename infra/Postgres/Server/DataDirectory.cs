using System.Globalization;
using Microsoft.Extensions.Logging;

namespace StreamPlatform.Postgres.Server;

/// <summary>The server's private directory: locked against a second platform, initialised once, freed of what a crash left in it.</summary>
internal sealed class DataDirectory : IDisposable
{
    private readonly string _path;
    private readonly ServerUser _user;
    private readonly ILogger _logger;
    private FileStream? _lock;

    public DataDirectory(string path, ServerUser user, ILogger logger) => (_path, _user, _logger) = (path, user, logger);

    // the socket lies in the data directory, so a base back-up of a running server brings the lock of its socket along
    private string SocketLock => Path.Combine(_path, ".s.PGSQL.5432.lock");

    private string PidFile => Path.Combine(_path, "postmaster.pid");

    /// <summary>Held until disposed, released by the kernel when the process dies.</summary>
    /// <exception cref="PostgresServerException">Another platform runs on it.</exception>
    public void Lock()
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            _lock = new FileStream(_path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new PostgresServerException($"data directory {Path.GetDirectoryName(_path)} cannot be written ({error.Message}); fix its owner and mode, or give another: --data DIR", error);
        }
        catch (IOException error) when (File.Exists(_path + ".lock"))
        {
            throw new PostgresServerException($"data directory {_path} is in use by another instance of the platform; stop it, or give another: --data DIR", error);
        }
        catch (IOException error)
        {
            throw new PostgresServerException($"data directory {Path.GetDirectoryName(_path)} cannot be created or written ({error.Message}); give another: --data DIR", error);
        }
    }

    /// <summary>Runs initdb beside the directory and moves the result in place, so that an interrupted one leaves nothing half-made.</summary>
    public async Task InitialiseAsync(PostgresBinaries binaries, string superuser, CancellationToken cancellationToken)
    {
        if (File.Exists(Path.Combine(_path, "PG_VERSION")))
        {
            await _user.RequireWritableAsync(_path, cancellationToken).ConfigureAwait(false);
            return;
        }

        if (File.Exists(_path) || (Directory.Exists(_path) && Directory.EnumerateFileSystemEntries(_path).Any()))
        {
            throw new PostgresServerException($"{_path} exists and is not a PostgreSQL data directory; move it away, or give another: --data DIR");
        }

        var fresh = _path + ".initialising";
        if (Directory.Exists(fresh))
        {
            Directory.Delete(fresh, recursive: true);
        }

        await _user.CreateDirectoryAsync(fresh, cancellationToken).ConfigureAwait(false);
        Log.Initialising(_logger, _path);
        var (exitCode, output) = await OsCommand.RunAsync(
            _user.Command(binaries.InitDb, "-D", fresh, "-U", superuser, "--auth=trust", "-E", "UTF8", "--locale=C", "--data-checksums", "--no-instructions"),
            cancellationToken).ConfigureAwait(false);
        if (exitCode != 0)
        {
            throw new PostgresServerException($"initdb failed for {_path}: {output}");
        }

        if (Directory.Exists(_path))
        {
            Directory.Delete(_path);
        }

        Directory.Move(fresh, _path);
    }

    /// <summary>
    /// With the lock held, a server still running here has lost its platform: it is stopped. A pid file that names no server of this
    /// directory (a reused process id) is removed, for PostgreSQL would refuse to start over it.
    /// </summary>
    public async Task ReclaimAsync(TimeSpan stopTimeout, TimeProvider time, CancellationToken cancellationToken)
    {
        if (ReadPid() is not { } processId)
        {
            RemoveStale(SocketLock);
            return;
        }

        if (IsServerHere(processId))
        {
            Log.StoppingOrphan(_logger, processId, _path);
            await StopAsync(() => IsServerHere(processId), signal => Native.Signal(processId, signal), stopTimeout, time, cancellationToken).ConfigureAwait(false);
            if (IsServerHere(processId))
            {
                throw new PostgresServerException($"a PostgreSQL server (process {processId}) left by an earlier run still uses {_path} and does not stop; end it: kill -9 {processId}");
            }
        }

        RemoveStale(PidFile);
        RemoveStale(SocketLock);
    }

    // only while this directory is locked and no server of it runs
    private void RemoveStale(string file)
    {
        if (File.Exists(file))
        {
            Log.RemovingStalePidFile(_logger, file);
            File.Delete(file);
        }
    }

    /// <summary>Asks for an orderly stop, then an immediate one, then kills; waits for each.</summary>
    public static async Task StopAsync(Func<bool> isRunning, Func<int, bool> signal, TimeSpan stopTimeout, TimeProvider time, CancellationToken cancellationToken)
    {
        foreach (var (kind, patience) in new[] { (Native.SignalInterrupt, stopTimeout), (Native.SignalQuit, TimeSpan.FromSeconds(5)), (Native.SignalKill, TimeSpan.FromSeconds(2)) })
        {
            signal(kind);
            var started = time.GetTimestamp();
            while (isRunning() && time.GetElapsedTime(started) < patience)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), time, cancellationToken).ConfigureAwait(false);
            }

            if (!isRunning())
            {
                return;
            }
        }
    }

    public void Dispose() => _lock?.Dispose();

    // First line of postmaster.pid; https://www.postgresql.org/docs/current/storage-file-layout.html
    private int? ReadPid()
    {
        try
        {
            return int.TryParse(File.ReadLines(PidFile).FirstOrDefault(), NumberStyles.Integer, CultureInfo.InvariantCulture, out var processId) && processId > 0 ? processId : 0;
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    // The postmaster's working directory is its data directory.
    private bool IsServerHere(int processId)
    {
        try
        {
            return processId > 0
                && File.ReadAllText($"/proc/{processId}/comm").Trim() is "postgres" or "postmaster"
                && new FileInfo($"/proc/{processId}/cwd").LinkTarget is { } directory
                && Path.GetFullPath(directory) == RealPath(_path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false; // gone, or another user's: no server of ours
        }
    }

    private static string RealPath(string path)
    {
        var info = new DirectoryInfo(path);
        var above = info.Parent is null ? path : Path.Combine(RealPath(info.Parent.FullName), info.Name);
        return new DirectoryInfo(above).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? above;
    }
}
