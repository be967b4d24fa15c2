using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Caching;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Caching;

/// <summary>Results of resumes before the table that keeps them for 7 days: write-through, so what was stored is here at once. The key has the job's version in it: a changed job needs no invalidation.</summary>
public sealed class CachedResumes : IResumeCache, IDisposable
{
    private readonly IResumeCache stored;
    private readonly TieredCache<ResumeOptimized> cache;

    public CachedResumes(IResumeCache stored, ICacheTier tier, TimeProvider time)
    {
        this.stored = stored;
        cache = new(CachePolicy.Resumes, tier, value => value.ToByteArray(), Read, time);
    }

    public async ValueTask<ResumeOptimized?> FindAsync(ResumeKey key, CancellationToken cancellationToken) =>
        (await cache.GetAsync(Text(key), async ct => await stored.FindAsync(key, ct).ConfigureAwait(false), cancellationToken).ConfigureAwait(false))?.Clone();

    public async ValueTask PutAsync(ResumeKey key, ResumeOptimized result, CancellationToken cancellationToken)
    {
        await stored.PutAsync(key, result, cancellationToken).ConfigureAwait(false);
        await cache.PutAsync(Text(key), result, cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => cache.Dispose();

    // hashed: neither a tenant nor a candidate is to be read off the keys of Redis
    private static string Text(ResumeKey key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        string.Join('\0', key.Tenant, key.CandidateId, key.JobId, key.JobVersion.ToString(CultureInfo.InvariantCulture), key.ContentHash))));

    private static ResumeOptimized Read(byte[] bytes)
    {
        try
        {
            return ResumeOptimized.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InvalidDataException("not of this version", e);
        }
    }
}
