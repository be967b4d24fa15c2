using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Resumes.Media;

/// <summary>Files below one directory, readable by its user only, encrypted with a key that lies beside them. Several processes may share it. Safe for concurrent use.</summary>
public sealed class DirectoryMediaStore : IMediaStore
{
    private const string KeyFile = "media.key";

    private readonly MediaOptions options;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly MediaCipher cipher;
    private readonly string files;
    private long total;

    /// <exception cref="IOException">The directory cannot be used.</exception>
    /// <exception cref="InvalidDataException">Its key is damaged.</exception>
    public DirectoryMediaStore(MediaOptions options, TimeProvider time, ILogger<DirectoryMediaStore> logger)
    {
        options.Validate();
        this.options = options;
        this.time = time;
        this.logger = logger;
        files = Path.Combine(options.Directory, "files");
        OwnerOnly.CreateDirectory(files);
        cipher = new(Key(Path.Combine(options.Directory, KeyFile)));
        Recount();
    }

    public int MaxBytes => options.MaxBytes;

    public async Task<StoredMedia> PutAsync(string owner, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        if (content.Length == 0 || content.Length > options.MaxBytes)
        {
            throw new InvalidDataException(content.Length == 0 ? "the file is empty" : $"the file has {content.Length} bytes; at most {options.MaxBytes} are taken");
        }

        var size = content.Length + MediaCipher.Overhead;
        var most = options.MaxTotalMiB * 1024L * 1024;
        if (Interlocked.Add(ref total, size) > most && Recount() + size > most)
        {
            throw new IOException($"the media store holds {options.MaxTotalMiB} MiB already: files go when their results are out");
        }

        try
        {
            var sha256 = Convert.ToHexStringLower(SHA256.HashData(content.Span));
            var key = MediaKey.Of(sha256, owner);
            var replaced = await WriteAsync(PathOf(key), cipher.Seal(content.Span, key), cancellationToken);
            Interlocked.Add(ref total, -replaced);
            return new StoredMedia(key, sha256, content.Length);
        }
        catch
        {
            Interlocked.Add(ref total, -size);
            throw;
        }
    }

    public async Task<byte[]?> ReadAsync(string key, CancellationToken cancellationToken)
    {
        var sha256 = MediaKey.Sha256Of(key);
        try
        {
            await using var file = new FileStream(PathOf(key), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            if (file.Length > options.MaxBytes + MediaCipher.Overhead)
            {
                throw new InvalidDataException($"it has {file.Length} bytes, more than was ever stored");
            }

            var sealedFile = new byte[file.Length];
            await file.ReadExactlyAsync(sealedFile, cancellationToken);
            var content = cipher.Open(sealedFile, key);
            return Convert.ToHexStringLower(SHA256.HashData(content)) == sha256 ? content : throw new InvalidDataException("its content is not that of its name");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    public Task<bool> DeleteAsync(string key, CancellationToken cancellationToken)
    {
        MediaKey.Sha256Of(key);
        return Task.FromResult(Delete(new FileInfo(PathOf(key))));
    }

    public Task<IReadOnlyList<string>> DeleteExpiredAsync(CancellationToken cancellationToken)
    {
        var oldest = time.GetUtcNow().UtcDateTime - TimeSpan.FromHours(options.MaxAgeHours);
        List<string> deleted = [];
        foreach (var file in All().Where(f => f.LastWriteTimeUtc < oldest))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Delete(file))
            {
                deleted.Add($"{file.Directory!.Name}/{file.Name}");
            }
        }

        Recount();
        if (deleted.Count > 0)
        {
            Log.Expired(logger, deleted.Count, options.MaxAgeHours);
        }

        return Task.FromResult<IReadOnlyList<string>>(deleted);
    }

    /// <summary>Others delete files of the same directory, too; what they put and deleted is seen here.</summary>
    private long Recount()
    {
        var sum = All().Sum(file => file.Exists ? file.Length : 0);
        Interlocked.Exchange(ref total, sum);
        return sum;
    }

    private IEnumerable<FileInfo> All() => new DirectoryInfo(files).EnumerateFiles("*", SearchOption.AllDirectories);

    private string PathOf(string key) => Path.Combine(files, key);

    private bool Delete(FileInfo file)
    {
        try
        {
            file.Refresh();
            if (!file.Exists)
            {
                return false;
            }

            var size = file.Length;
            file.Delete();
            Interlocked.Add(ref total, -size);
            return true;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false; // another one was faster
        }
    }

    /// <summary>Written aside and moved, so that no reader sees half a file; returns the size of the one it replaced.</summary>
    private async Task<long> WriteAsync(string path, byte[] content, CancellationToken cancellationToken)
    {
        OwnerOnly.CreateDirectory(Path.GetDirectoryName(path)!);
        var aside = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            await using (var file = OwnerOnly.CreateFile(aside))
            {
                await file.WriteAsync(content, cancellationToken);
                file.Flush(flushToDisk: true);
            }

            File.SetLastWriteTimeUtc(aside, time.GetUtcNow().UtcDateTime);
            var old = new FileInfo(path);
            var replaced = old.Exists ? old.Length : 0;
            File.Move(aside, path, overwrite: true);
            return replaced;
        }
        catch
        {
            File.Delete(aside);
            throw;
        }
    }

    private static byte[] Key(string path)
    {
        if (!File.Exists(path))
        {
            var aside = $"{path}.{Guid.NewGuid():N}";
            using (var file = OwnerOnly.CreateFile(aside))
            {
                file.Write(RandomNumberGenerator.GetBytes(MediaCipher.KeyBytes));
                file.Flush(flushToDisk: true);
            }

            try
            {
                File.Move(aside, path, overwrite: false);
            }
            catch (IOException) when (File.Exists(path))
            {
                File.Delete(aside); // another one was faster
            }
        }

        var key = File.ReadAllBytes(path);
        return key.Length == MediaCipher.KeyBytes ? key : throw new InvalidDataException($"{path} holds {key.Length} bytes, a key has {MediaCipher.KeyBytes}: without it the stored files cannot be read");
    }
}
