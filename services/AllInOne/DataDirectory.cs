namespace StreamPlatform.AllInOne;

/// <summary>The directory of everything durable, held by one platform at a time.</summary>
internal sealed class DataDirectory : IDisposable
{
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
            throw new PlatformException($"the data directory {path} cannot be made ({e.Message}); give another one with --data", e);
        }

        var lockFile = System.IO.Path.Combine(path, "lock");
        try
        {
            return new DataDirectory(path, new FileStream(lockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (UnauthorizedAccessException e)
        {
            throw new PlatformException($"the data directory {path} cannot be written ({e.Message}); change its owner or give another one with --data", e);
        }
        catch (IOException e) when (File.Exists(lockFile))
        {
            throw new PlatformException($"another StreamPlatform uses the data directory {path}; stop it or give another one with --data", e);
        }
        catch (IOException e)
        {
            throw new PlatformException($"the data directory {path} cannot be written ({e.Message}); change its mount or give another one with --data", e);
        }
    }

    public void Dispose() => held.Dispose();
}
