using System.Security.Cryptography;
using System.Text;
using StreamPlatform.Media.Sealing;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Media.Vault;

/// <summary>Recordings of interviews: sealed for their candidate on the way into the object store, and entered in the catalogue.</summary>
/// <param name="objects">Where the bytes go.</param>
/// <param name="catalog">Where they are referenced.</param>
/// <param name="keys">What they are sealed with.</param>
/// <param name="retention">How long they stay.</param>
/// <param name="time">Clock.</param>
public sealed class MediaVault(IObjectStore objects, IMediaCatalog catalog, IMediaKeys keys, MediaRetention retention, TimeProvider time)
{
    /// <summary>First part of every key of the vault; what has another is not its business.</summary>
    public const string Prefix = "media";

    /// <summary>Largest file, bytes: 16 GiB, two hours of video at 18 Mbit/s.</summary>
    public const long MaxBytes = 16L << 30;

    private const int MaxName = 200;

    /// <summary>Stores a file: the object, then its row.</summary>
    /// <exception cref="InvalidDataException">It is empty or too large.</exception>
    /// <exception cref="IOException">The store did not take it; or an answer's part that begins with the same chunk, and ends before this one, is kept already.</exception>
    /// <exception cref="Streams.TransientException">The catalogue did not take it; the object goes with the next sweep after the grace.</exception>
    public async Task<MediaEntry> KeepAsync(MediaSource source, Stream content, CancellationToken cancellationToken)
    {
        if (!MediaKinds.All.Contains(source.Kind))
        {
            throw new InvalidDataException($"'{source.Kind}' is no kind of media");
        }

        var owner = OwnerOf(source);
        var key = keys.Current(owner);
        var begun = time.GetTimestamp();
        await using var sealing = new SealingStream(content, key, owner, MaxBytes);
        var stored = await objects.PutAsync($"{Prefix}/{source.Kind}/{Folder(owner)}", sealing, cancellationToken).ConfigureAwait(false);
        var now = time.GetUtcNow();
        if (time.GetElapsedTime(begun) > retention.Grace / 2)
        {
            // a sweep could see the object before its row, and delete it
            await objects.DeleteAsync(stored.Key, cancellationToken).ConfigureAwait(false);
            throw new IOException($"storing the file took more than {retention.GraceMinutes / 2} minutes; it is not kept");
        }

        var entry = new MediaEntry(
            stored.Key, source.Kind, owner, source.Tenant, source.SessionId, source.CandidateId, source.Name.Length <= MaxName ? source.Name : source.Name[..MaxName],
            source.ContentType, sealing.Sha256, sealing.Bytes, key.Id, now.ToUnixTimeMilliseconds(), (now + retention.Of(source.Kind)).ToUnixTimeMilliseconds(), Part: source.Part);
        if (!await catalog.AddAsync(entry, cancellationToken).ConfigureAwait(false) && entry.Part is { } part)
        {
            await CheckKeptAsync(entry.SessionId, part, cancellationToken).ConfigureAwait(false);
        }

        return entry;
    }

    /// <summary>Two recorders may cut an answer at different places: the shorter part must not hide the rest of the longer one.</summary>
    private async Task CheckKeptAsync(string session, AnswerPart part, CancellationToken cancellationToken)
    {
        var kept = await catalog.OfSessionAsync(session, cancellationToken).ConfigureAwait(false);
        if (!kept.Any(entry => entry.Part is { } other && other.FirstSequence == part.FirstSequence && other.LastSequence >= part.LastSequence))
        {
            throw new IOException("another process has kept the beginning of the answer meanwhile; the rest is kept when it is read again");
        }
    }

    /// <summary>A file's plain content; null when it is not (or no longer) there. Reading what was changed throws <see cref="InvalidDataException"/>.</summary>
    /// <exception cref="InvalidDataException">It is no sealed file, or its key is gone.</exception>
    /// <exception cref="IOException">The store cannot be asked.</exception>
    public async Task<Stream?> OpenAsync(MediaEntry entry, CancellationToken cancellationToken)
    {
        var content = await objects.OpenAsync(entry.Key, cancellationToken).ConfigureAwait(false);
        if (content is null)
        {
            return null;
        }

        try
        {
            return await OpeningStream.CreateAsync(content, keys, entry.Owner, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await content.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>What is kept of a session.</summary>
    public Task<IReadOnlyList<MediaEntry>> OfSessionAsync(string sessionId, CancellationToken cancellationToken) => catalog.OfSessionAsync(sessionId, cancellationToken);

    // One key for all that a candidate left: it is what a person may ask to be erased.
    private static string OwnerOf(MediaSource source) => $"candidate/{source.Tenant}/{(source.CandidateId.Length > 0 ? source.CandidateId : source.SessionId)}";

    private static string Folder(string owner) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(owner)))[..32];
}

/// <summary>Where a file comes from.</summary>
/// <param name="Kind">One of <see cref="MediaKinds"/>.</param>
/// <param name="Name">How people call it.</param>
/// <param name="ContentType">Media type.</param>
/// <param name="Part">Of kind <see cref="MediaKinds.Answer"/>: what of the answer it is.</param>
public sealed record MediaSource(string Kind, string Tenant, string SessionId, string CandidateId, string Name, string ContentType, AnswerPart? Part = null);
