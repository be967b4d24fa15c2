using StreamPlatform.Hosting;
namespace StreamPlatform.AllInOne;

/// <summary>The directory of everything durable, held by one platform at a time.</summary>
internal sealed class DataDirectory : IDisposable
{
    // Linux' errno, which .NET gives as HResult of an IOException that it has no name for; a lock held elsewhere is among them.
    private const int LockHeld = 11; // EAGAIN
    private const int DiskFull = 28; // ENOSPC
    private const int ReadOnly = 30; // EROFS
    private const int QuotaUsedUp = 122; // EDQUOT

    private readonly FileStream held;

    private DataDirectory(string path, FileStream held)
    {
        Path = path;
        this.held = held;
    }

    public string Path { get; }

    public string Broker => System.IO.Path.Combine(Path, "broker");

    public string Postgres => System.IO.Path.Combine(Path, "postgres");

    /// <exception cref="PlatformException">It cannot be written, or another platform holds it.</exception>
    public static DataDirectory Open(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PlatformException(e.HResult is DiskFull or QuotaUsedUp or ReadOnly
                ? Explain(path, e)
                : $"the data directory {path} cannot be made ({e.Message}); give another one with --data", e);
        }

        var lockFile = System.IO.Path.Combine(path, "lock");
        try
        {
            return new DataDirectory(path, new FileStream(lockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PlatformException(Explain(path, e), e);
        }
    }

    /// <summary>Why the lock file of <paramref name="path"/> could not be opened for this process alone, and what to do.</summary>
    internal static string Explain(string path, Exception error) => error switch
    {
        UnauthorizedAccessException => $"the data directory {path} cannot be written ({error.Message}); change its owner or give another one with --data",
        { HResult: LockHeld } => $"another StreamPlatform uses the data directory {path}; stop it or give another one with --data",
        { HResult: DiskFull or QuotaUsedUp } => $"the disk of the data directory {path} is full ({error.Message}); free some space or give another one with --data",
        { HResult: ReadOnly } => $"the data directory {path} cannot be written: its file system is read-only ({error.Message}); mount it writable or give another one with --data",
        _ => $"the data directory {path} cannot be written ({error.Message}); change its mount or give another one with --data",
    };

    public void Dispose() => held.Dispose();
}
