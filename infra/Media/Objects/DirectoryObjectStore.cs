using System.Runtime.CompilerServices;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Media.Objects;

/// <summary>
/// Objects as files below one directory, readable by its user only: ROOT/objects/PREFIX/ab/SHA256. Written aside in ROOT/incoming, synchronised, renamed, and the
/// directory synchronised: a reader, or a restart after a loss of power, sees a whole object or none. Several processes may share it. Safe for concurrent use.
/// </summary>
public sealed class DirectoryObjectStore : IObjectStore
{
    private readonly TimeProvider time;
    private readonly long maxBytes;
    private readonly string objects;
    private readonly string incoming;

    /// <param name="root">Directory, made when missing.</param>
    /// <param name="maxBytes">Largest object, bytes.</param>
    /// <param name="time">Clock of <see cref="StoredObject.StoredAtMs"/>.</param>
    /// <exception cref="IOException">The directory cannot be used.</exception>
    public DirectoryObjectStore(string root, long maxBytes, TimeProvider time)
    {
        this.time = time;
        this.maxBytes = maxBytes;
        objects = Path.Combine(Path.GetFullPath(root), "objects");
        incoming = Path.Combine(Path.GetFullPath(root), "incoming");
        OwnerOnly.CreateDirectory(objects);
        OwnerOnly.CreateDirectory(incoming);
    }

    public string Name => "directory";

    public async Task<StoredObject> PutAsync(string prefix, Stream content, CancellationToken cancellationToken)
    {
        ObjectName.CheckPrefix(prefix);
        var aside = Path.Combine(incoming, Guid.NewGuid().ToString("N"));
        try
        {
            string sha256;
            long bytes;
            await using (var file = OwnerOnly.CreateFile(aside))
            {
                (sha256, bytes) = await Spool.CopyAsync(content, file, maxBytes, cancellationToken).ConfigureAwait(false);
                file.Flush(flushToDisk: true);
            }

            var now = time.GetUtcNow();
            File.SetLastWriteTimeUtc(aside, now.UtcDateTime);
            var key = ObjectName.Of(prefix, sha256);
            Publish(aside, PathOf(key, sha256));
            return new(key, sha256, bytes, now.ToUnixTimeMilliseconds());
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"the object store cannot be written: {e.Message}", e);
        }
        finally
        {
            File.Delete(aside);
        }
    }

    public Task<Stream?> OpenAsync(string key, CancellationToken cancellationToken)
    {
        var sha256 = ObjectName.Sha256Of(key);
        try
        {
            var file = new FileStream(PathOf(key, sha256), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0, useAsync: true);
            return Task.FromResult<Stream?>(new VerifyingStream(file, sha256));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<Stream?>(null);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"the object store cannot be read: {e.Message}", e);
        }
    }

    public Task<bool> DeleteAsync(string key, CancellationToken cancellationToken)
    {
        var path = PathOf(key, ObjectName.Sha256Of(key));
        try
        {
            if (!File.Exists(path))
            {
                return Task.FromResult(false);
            }

            File.Delete(path);
            DirectorySync.Flush(Path.GetDirectoryName(path)!);
            return Task.FromResult(true);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult(false); // another one was faster
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"the object store cannot be written: {e.Message}", e);
        }
    }

    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var from = prefix.Length == 0 ? objects : Path.Combine(objects, ObjectName.CheckPrefix(prefix));
        if (!Directory.Exists(from))
        {
            yield break;
        }

        foreach (var file in new DirectoryInfo(from).EnumerateFiles("*", SearchOption.AllDirectories))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var parts = Path.GetRelativePath(objects, file.FullName).Split(Path.DirectorySeparatorChar);
            var key = parts.Length < 3 ? "" : string.Join('/', [.. parts[..^2], parts[^1]]); // without the part that only spreads the files
            if (!ObjectName.IsKey(key) || Describe(key, file) is not { } found)
            {
                continue; // not of this store, or just deleted
            }

            yield return found;
        }

        await Task.CompletedTask.ConfigureAwait(false);
    }

    public Task<int> DeleteLeftoversAsync(TimeSpan olderThan, CancellationToken cancellationToken)
    {
        var before = time.GetUtcNow().UtcDateTime - olderThan;
        var deleted = 0;
        foreach (var file in new DirectoryInfo(incoming).EnumerateFiles().Where(file => file.LastWriteTimeUtc < before))
        {
            cancellationToken.ThrowIfCancellationRequested();
            file.Delete();
            deleted++;
        }

        return Task.FromResult(deleted);
    }

    private static StoredObject? Describe(string key, FileInfo file)
    {
        try
        {
            return new(key, ObjectName.Sha256Of(key), file.Length, new DateTimeOffset(file.LastWriteTimeUtc, TimeSpan.Zero).ToUnixTimeMilliseconds());
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private string PathOf(string key, string sha256) => Path.Combine(objects, key[..^(sha256.Length + 1)], sha256[..2], sha256);

    /// <summary>Moves the file to its name, durably: new directories are synchronised up to the first that was there.</summary>
    private void Publish(string aside, string path)
    {
        var directory = Path.GetDirectoryName(path)!;
        var made = new Stack<string>();
        for (var d = directory; d.Length > objects.Length && !Directory.Exists(d); d = Path.GetDirectoryName(d)!)
        {
            made.Push(d);
        }

        foreach (var d in made)
        {
            OwnerOnly.CreateDirectory(d);
        }

        File.Move(aside, path, overwrite: true);
        DirectorySync.Flush(directory);
        foreach (var d in made)
        {
            DirectorySync.Flush(Path.GetDirectoryName(d)!);
        }
    }
}
