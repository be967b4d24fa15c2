namespace StreamPlatform.Broker.Storage;

/// <summary>Holds the data directory for this process: an advisory lock on a file in it, released by the kernel even after kill -9.</summary>
internal sealed class DataDirectoryLock : IDisposable
{
    private readonly FileStream _file;

    private DataDirectoryLock(FileStream file) => _file = file;

    /// <summary>Throws <see cref="IOException"/> naming the directory: in use by another instance, not writable, or not a directory.</summary>
    public static DataDirectoryLock Acquire(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The broker's data directory '{directory}' cannot be created: {e.Message} Name another one or fix its permissions.", e);
        }
        var path = Path.Combine(directory, ".lock");
        try
        {
            return new DataDirectoryLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0));
        }
        catch (UnauthorizedAccessException e)
        {
            throw ReadOnly(directory, e);
        }
        catch (IOException e) when (e is DirectoryNotFoundException or FileNotFoundException || IsReadOnlyFileSystem(e))
        {
            throw ReadOnly(directory, e);
        }
        catch (IOException e)
        {
            throw new IOException($"The broker's data directory '{directory}' is in use by another instance: stop that one or name another directory.", e);
        }
    }

    public void Dispose() => _file.Dispose();

    private static IOException ReadOnly(string directory, Exception cause) =>
        new($"The broker's data directory '{directory}' is not writable: fix its permissions or name another one.", cause);

    // EROFS
    private static bool IsReadOnlyFileSystem(IOException e) => e.HResult == 30;
}
