using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using StreamPlatform.Media.Objects;
using StreamPlatform.Media.Sealing;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Media.Waiting;

/// <summary>
/// Files that wait for their processing (resumes), sealed, in an object store: resumes/OWNER/SHA256, where OWNER is 128 bits of the owner's hash, so that no part of a
/// name comes from outside. They have no rows: their key travels in the event, and what nothing deletes goes by its age. Safe for concurrent use.
/// </summary>
public sealed class WaitingFiles(IObjectStore objects, IMediaKeys keys, WaitingFilesOptions options, TimeProvider time, ILogger<WaitingFiles> logger) : IMediaStore
{
    private const string Prefix = "resumes";
    private const int OverheadBytes = 256; // header and tags, rounded up

    private long total = -1; // below 0: not counted yet

    public int MaxBytes => options.MaxBytes;

    public async Task<StoredMedia> PutAsync(string owner, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        if (content.Length == 0 || content.Length > options.MaxBytes)
        {
            throw new InvalidDataException(content.Length == 0 ? "the file is empty" : $"the file has {content.Length} bytes; at most {options.MaxBytes} are taken");
        }

        await TakeRoomAsync(content.Length + OverheadBytes, cancellationToken).ConfigureAwait(false);
        try
        {
            var folder = $"{Prefix}/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(owner)))[..32]}";
            await using var sealing = new SealingStream(new MemoryStream(content.ToArray(), writable: false), keys.Current(folder), folder, options.MaxBytes);
            var stored = await objects.PutAsync(folder, sealing, cancellationToken).ConfigureAwait(false);
            return new(stored.Key, sealing.Sha256, sealing.Bytes);
        }
        catch
        {
            Interlocked.Add(ref total, -(content.Length + OverheadBytes));
            throw;
        }
    }

    public async Task<byte[]?> ReadAsync(string key, CancellationToken cancellationToken)
    {
        var folder = FolderOf(key);
        await using var sealedFile = await objects.OpenAsync(key, cancellationToken).ConfigureAwait(false);
        if (sealedFile is null)
        {
            return null;
        }

        await using var plain = await OpeningStream.CreateAsync(sealedFile, keys, folder, cancellationToken).ConfigureAwait(false);
        using var content = new MemoryStream();
        var buffer = new byte[SealedFormat.ChunkBytes];
        for (int read; (read = await plain.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
        {
            if (content.Length + read > options.MaxBytes)
            {
                throw new InvalidDataException($"it has more than {options.MaxBytes} bytes, more than was ever stored");
            }

            content.Write(buffer, 0, read);
        }

        return content.ToArray();
    }

    public async Task<bool> DeleteAsync(string key, CancellationToken cancellationToken)
    {
        FolderOf(key);
        return await objects.DeleteAsync(key, cancellationToken).ConfigureAwait(false); // its room is found when a count is made anew
    }

    public async Task<IReadOnlyList<string>> DeleteExpiredAsync(CancellationToken cancellationToken)
    {
        var oldest = (time.GetUtcNow() - TimeSpan.FromHours(options.MaxAgeHours)).ToUnixTimeMilliseconds();
        List<string> deleted = [];
        await foreach (var file in objects.ListAsync(Prefix, cancellationToken).ConfigureAwait(false))
        {
            if (file.StoredAtMs < oldest && await objects.DeleteAsync(file.Key, cancellationToken).ConfigureAwait(false))
            {
                deleted.Add(file.Key);
            }
        }

        await objects.DeleteLeftoversAsync(TimeSpan.FromHours(options.MaxAgeHours), cancellationToken).ConfigureAwait(false);
        Interlocked.Exchange(ref total, -1);
        if (deleted.Count > 0)
        {
            Log.Expired(logger, deleted.Count, options.MaxAgeHours);
        }

        return deleted;
    }

    private static string FolderOf(string key)
    {
        var sha256 = ObjectName.Sha256Of(key);
        return key.StartsWith(Prefix + "/", StringComparison.Ordinal) ? key[..^(sha256.Length + 1)] : throw new InvalidDataException("this is no key of a file that waits");
    }

    /// <summary>Others write to and delete from the same store: what is counted here is only an estimate, and made anew before a file is refused.</summary>
    private async Task TakeRoomAsync(long size, CancellationToken cancellationToken)
    {
        var most = options.MaxTotalMiB * 1024L * 1024;
        if (Interlocked.Read(ref total) >= 0 && Interlocked.Add(ref total, size) <= most)
        {
            return;
        }

        long sum = 0;
        await foreach (var file in objects.ListAsync(Prefix, cancellationToken).ConfigureAwait(false))
        {
            sum += file.Bytes;
        }

        Interlocked.Exchange(ref total, sum);
        if (Interlocked.Add(ref total, size) > most)
        {
            Interlocked.Add(ref total, -size);
            throw new IOException($"the media store holds {options.MaxTotalMiB} MiB already: files go when their results are out");
        }
    }
}
