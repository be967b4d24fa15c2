namespace StreamPlatform.Postgres.Server;

/// <summary>
/// The user that PostgreSQL runs as: this process's own, or, because PostgreSQL refuses root, another when this process is root.
/// </summary>
internal sealed class ServerUser(string name, bool isRoot)
{
    public static ServerUser For(PostgresServerOptions options) => new(options.RunAsUser, Environment.IsPrivilegedProcess);

    public string Name => isRoot ? name : Environment.UserName;

    /// <summary>The command, run as that user.</summary>
    public IReadOnlyList<string> Command(params string[] command) => isRoot
        ? ["setpriv", $"--reuid={name}", $"--regid={name}", "--init-groups", "--", .. command]
        : command;

    /// <summary>
    /// The command, run as that user in a session of its own (Ctrl-C in the platform's terminal must not stop the database before
    /// its clients) and interrupted when the thread that started it ends, so that kill -9 of the platform leaves no server behind.
    /// </summary>
    public IReadOnlyList<string> Child(params string[] command) => isRoot
        ? ["setsid", "setpriv", "--pdeathsig=INT", $"--reuid={name}", $"--regid={name}", "--init-groups", "--", .. command]
        : ["setsid", "setpriv", "--pdeathsig=INT", "--", .. command];

    /// <summary>Creates the directory, private to the user; an existing one keeps its contents.</summary>
    /// <exception cref="PostgresServerException">It cannot be created, or the user cannot write it.</exception>
    public async Task CreateDirectoryAsync(string directory, CancellationToken cancellationToken)
    {
        await RequireUserAsync(cancellationToken).ConfigureAwait(false);
        var parent = Path.GetDirectoryName(directory)!;
        try
        {
            Directory.CreateDirectory(parent);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new PostgresServerException($"data directory {parent} cannot be created ({error.Message}); give a directory that this user can write: --data DIR", error);
        }

        string[] owner = isRoot ? ["-o", name, "-g", name] : [];
        var (exitCode, output) = await OsCommand.RunAsync(["install", "-d", "-m", "0700", .. owner, directory], cancellationToken).ConfigureAwait(false);
        if (exitCode != 0)
        {
            throw new PostgresServerException($"data directory {directory} cannot be created ({output}); give a directory that this user can write: --data DIR");
        }

        await RequireWritableAsync(directory, cancellationToken).ConfigureAwait(false);
    }

    public async Task RequireWritableAsync(string directory, CancellationToken cancellationToken)
    {
        var (exitCode, _) = await OsCommand.RunAsync(Command("test", "-w", directory, "-a", "-x", directory), cancellationToken).ConfigureAwait(false);
        if (exitCode != 0)
        {
            throw new PostgresServerException($"data directory {directory} cannot be written by user {Name}: it is read-only, belongs to someone else, or a directory above it is closed to {Name}; fix its owner and mode, or give another: --data DIR");
        }
    }

    private async Task RequireUserAsync(CancellationToken cancellationToken)
    {
        if (isRoot && (await OsCommand.RunAsync(["id", "-u", name], cancellationToken).ConfigureAwait(false)).ExitCode != 0)
        {
            throw new PostgresServerException($"PostgreSQL does not run as root, and there is no user '{name}' to run it: useradd --system {name}, or start the platform as an ordinary user");
        }
    }
}
