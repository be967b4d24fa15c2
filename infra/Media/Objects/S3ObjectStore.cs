using System.Net;
using System.Runtime.CompilerServices;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Media.Objects;

/// <summary>
/// Objects in a bucket of Amazon S3 or anything that speaks its protocol. Content is spooled to a file until its hash is known, then sent from there: at once, or in
/// parts. Requests are signed over the SHA-256 of what they carry, so the server refuses what the way has changed; what is read is compared with the name.
/// </summary>
public sealed class S3ObjectStore : IObjectStore, IDisposable
{
    private const long MiB = 1024 * 1024;
    private const int MostParts = 9_000; // S3 takes 10,000

    private readonly S3Options options;
    private readonly string bucket;
    private readonly string before;
    private readonly TimeProvider time;
    private readonly AmazonS3Client client;
    private readonly S3Calls calls;

    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public S3ObjectStore(S3Options options, TimeProvider time)
    {
        options.Validate();
        this.options = options;
        this.time = time;
        var location = options.Location!;
        bucket = location.Bucket;
        before = location.Prefix.Length == 0 ? "" : location.Prefix + "/";
        client = options.AccessKey.Length == 0 ? new(Config(options)) : new(new BasicAWSCredentials(options.AccessKey, options.SecretKey), Config(options));
        calls = new(options, time);
    }

    public string Name => "s3";

    public async Task<StoredObject> PutAsync(string prefix, Stream content, CancellationToken cancellationToken)
    {
        ObjectName.CheckPrefix(prefix);
        var path = Path.Combine(options.SpoolDirectory, $"streamplatform-{Guid.NewGuid():N}.spool");
        try
        {
            await using var file = OwnerOnly.CreateFile(path);
            var (sha256, bytes) = await Spool.CopyAsync(content, file, options.MaxBytes, cancellationToken).ConfigureAwait(false);
            await file.FlushAsync(cancellationToken).ConfigureAwait(false);
            var key = ObjectName.Of(prefix, sha256);
            if (bytes <= options.PartMiB * MiB)
            {
                await calls.RunAsync(
                    ct => client.PutObjectAsync(new() { BucketName = bucket, Key = before + key, FilePath = path, UseChunkEncoding = false, ContentType = "application/octet-stream" }, ct),
                    cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await PutPartsAsync(before + key, path, bytes, cancellationToken).ConfigureAwait(false);
            }

            return new(key, sha256, bytes, time.GetUtcNow().ToUnixTimeMilliseconds());
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"the spool of the object store cannot be written: {e.Message}", e);
        }
        finally
        {
            File.Delete(path);
        }
    }

    public async Task<Stream?> OpenAsync(string key, CancellationToken cancellationToken)
    {
        var sha256 = ObjectName.Sha256Of(key);
        var response = await calls.FindAsync(ct => client.GetObjectAsync(new GetObjectRequest { BucketName = bucket, Key = before + key }, ct), cancellationToken).ConfigureAwait(false);
        return response is null ? null : new VerifyingStream(new S3Content(response), sha256);
    }

    public async Task<bool> DeleteAsync(string key, CancellationToken cancellationToken)
    {
        ObjectName.Sha256Of(key);
        var known = await calls.FindAsync(ct => client.GetObjectMetadataAsync(bucket, before + key, ct), cancellationToken).ConfigureAwait(false);
        if (known is null)
        {
            return false; // S3 itself does not say whether there was something to delete
        }

        await calls.RunAsync(ct => client.DeleteObjectAsync(bucket, before + key, ct), cancellationToken).ConfigureAwait(false);
        return true;
    }

    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var from = prefix.Length == 0 ? "" : ObjectName.CheckPrefix(prefix) + "/";
        var request = new ListObjectsV2Request { BucketName = bucket, Prefix = before + from };
        do
        {
            var page = await calls.RunAsync(ct => client.ListObjectsV2Async(request, ct), cancellationToken).ConfigureAwait(false);
            foreach (var found in page.S3Objects ?? [])
            {
                var key = found.Key[before.Length..];
                if (ObjectName.IsKey(key))
                {
                    yield return new(key, ObjectName.Sha256Of(key), found.Size ?? 0, new DateTimeOffset((found.LastModified ?? default).ToUniversalTime()).ToUnixTimeMilliseconds());
                }
            }

            request.ContinuationToken = page.IsTruncated == true ? page.NextContinuationToken : null;
        }
        while (request.ContinuationToken is not null);
    }

    public async Task<int> DeleteLeftoversAsync(TimeSpan olderThan, CancellationToken cancellationToken)
    {
        var oldest = time.GetUtcNow().UtcDateTime - olderThan;
        var deleted = 0;
        var request = new ListMultipartUploadsRequest { BucketName = bucket, Prefix = before };
        ListMultipartUploadsResponse page;
        do
        {
            try
            {
                page = await calls.RunAsync(ct => client.ListMultipartUploadsAsync(request, ct), cancellationToken).ConfigureAwait(false);
            }
            catch (IOException e) when (e.InnerException is AmazonS3Exception { StatusCode: HttpStatusCode.NotImplemented })
            {
                return deleted; // a server that cannot list them: its own lifecycle rules must remove them (docs/stores.md)
            }

            foreach (var upload in (page.MultipartUploads ?? []).Where(u => u.Initiated is { } at && at.ToUniversalTime() < oldest))
            {
                await calls.FindAsync(ct => client.AbortMultipartUploadAsync(bucket, upload.Key, upload.UploadId, ct), cancellationToken).ConfigureAwait(false);
                deleted++;
            }

            request.KeyMarker = page.NextKeyMarker;
            request.UploadIdMarker = page.NextUploadIdMarker;
        }
        while (page.IsTruncated == true);
        return deleted;
    }

    public void Dispose() => client.Dispose();

    private async Task PutPartsAsync(string key, string path, long bytes, CancellationToken cancellationToken)
    {
        var part = Math.Max(options.PartMiB * MiB, (bytes / MostParts) + 1);
        var upload = (await calls.RunAsync(
            ct => client.InitiateMultipartUploadAsync(new() { BucketName = bucket, Key = key, ContentType = "application/octet-stream" }, ct), cancellationToken).ConfigureAwait(false)).UploadId;
        try
        {
            List<PartETag> parts = [];
            for (long at = 0; at < bytes; at += part)
            {
                var request = new UploadPartRequest
                {
                    BucketName = bucket, Key = key, UploadId = upload, PartNumber = parts.Count + 1,
                    FilePath = path, FilePosition = at, PartSize = Math.Min(part, bytes - at), UseChunkEncoding = false,
                };
                var sent = await calls.RunAsync(ct => client.UploadPartAsync(request, ct), cancellationToken).ConfigureAwait(false);
                parts.Add(new PartETag(request.PartNumber ?? 0, sent.ETag));
            }

            await calls.RunAsync(
                ct => client.CompleteMultipartUploadAsync(new() { BucketName = bucket, Key = key, UploadId = upload, PartETags = parts }, ct), cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await AbandonAsync(key, upload).ConfigureAwait(false);
            throw;
        }

        var stored = await calls.RunAsync(ct => client.GetObjectMetadataAsync(bucket, key, ct), cancellationToken).ConfigureAwait(false);
        if (stored.ContentLength != bytes)
        {
            throw new IOException($"the object store made an object of {stored.ContentLength} bytes out of parts of {bytes}");
        }
    }

    private async Task AbandonAsync(string key, string upload)
    {
        try
        {
            await calls.RunAsync(ct => client.AbortMultipartUploadAsync(bucket, key, upload, ct), CancellationToken.None).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // what failed the upload fails this, too; its parts go with the leftovers
        }
    }

    private static AmazonS3Config Config(S3Options options)
    {
        var config = new AmazonS3Config
        {
            ForcePathStyle = options.Location!.Endpoint is not null,
            AuthenticationRegion = options.Location.Region,
            MaxErrorRetry = options.Retries,
            RetryMode = RequestRetryMode.Standard,
            Timeout = TimeSpan.FromSeconds(options.TimeoutSeconds),
            // further checksums by trailers are what older S3-compatible servers do not know; the signature covers the content
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (options.Location.Endpoint is { } endpoint)
        {
            config.ServiceURL = endpoint.ToString();
        }
        else
        {
            config.RegionEndpoint = Amazon.RegionEndpoint.GetBySystemName(options.Location.Region);
        }

        return config;
    }

    /// <summary>The body of a response, which goes with it; a broken connection is an IOException like everywhere else.</summary>
    private sealed class S3Content(GetObjectResponse response) : ReadOnlyStream(response.ResponseStream)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                return await Inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is HttpRequestException or WebException or AmazonClientException)
            {
                throw new IOException("the object store's answer broke off", e);
            }
        }

        protected override void Dispose(bool disposing)
        {
            response.Dispose();
            base.Dispose(disposing);
        }
    }
}
