using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace StreamPlatform.Schemas;

/// <summary>
/// A client of Confluent's schema registry REST API with bounded caches, a time limit per request and a few retries.
/// Safe for concurrent use; make one per process.
/// </summary>
public sealed class CachedSchemaRegistryClient : ISchemaRegistryClient
{
    private const string ContentType = "application/vnd.schemaregistry.v1+json";

    private readonly SchemaRegistryConfig config;
    private readonly IReadOnlyList<Uri> baseAddresses;
    private readonly HttpClient http;
    private readonly TimeProvider time;
    private readonly BoundedCache<(string Subject, Schema Schema), int> ids;
    private readonly BoundedCache<(string Subject, Schema Schema), RegisteredSchema> lookups;
    private readonly BoundedCache<(string Subject, int Version), RegisteredSchema> versions;
    private readonly BoundedCache<(int Id, string? Format), Schema> schemas;

    // misses go one at a time, so that many serializers starting at once ask once
    private readonly SemaphoreSlim misses = new(1, 1);

    /// <param name="config">Address and limits; validated here.</param>
    /// <param name="time">Clock of time limits and waits; the system's when null.</param>
    /// <param name="handler">Transport, for tests; a pooled one when null.</param>
    public CachedSchemaRegistryClient(SchemaRegistryConfig config, TimeProvider? time = null, HttpMessageHandler? handler = null)
    {
        config.Validate();
        this.config = config;
        this.time = time ?? TimeProvider.System;
        baseAddresses = config.BaseAddresses;
        http = new HttpClient(handler ?? new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
        {
            Timeout = Timeout.InfiniteTimeSpan, // each attempt has its own limit
        };
        if (config.BasicAuthUserInfo is { } user)
        {
            http.DefaultRequestHeaders.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(user)));
        }

        ids = new(config.MaxCachedSchemas);
        lookups = new(config.MaxCachedSchemas);
        versions = new(config.MaxCachedSchemas);
        schemas = new(config.MaxCachedSchemas);
    }

    public Task<int> RegisterSchemaAsync(string subject, Schema schema, CancellationToken cancellationToken = default) =>
        CachedAsync(ids, (subject, schema), async () =>
        {
            SchemaBody body = await SendAsync<SchemaBody>(
                HttpMethod.Post, $"subjects/{Escape(subject)}/versions", SchemaBody.Of(schema), cancellationToken).ConfigureAwait(false);
            return body.Id ?? throw Malformed("an answer without id");
        }, cancellationToken);

    public Task<int> GetSchemaIdAsync(string subject, Schema schema, CancellationToken cancellationToken = default) =>
        CachedAsync(ids, (subject, schema), async () => (await PostLookupAsync(subject, schema, cancellationToken).ConfigureAwait(false)).Id, cancellationToken);

    public Task<RegisteredSchema> LookupSchemaAsync(string subject, Schema schema, CancellationToken cancellationToken = default) =>
        CachedAsync(lookups, (subject, schema), () => PostLookupAsync(subject, schema, cancellationToken), cancellationToken);

    public Task<Schema> GetSchemaAsync(int id, string? format = null, CancellationToken cancellationToken = default) =>
        CachedAsync(schemas, (id, format), async () =>
        {
            string path = string.Create(CultureInfo.InvariantCulture, $"schemas/ids/{id}") + (format is null ? "" : "?format=" + Escape(format));
            return (await SendAsync<SchemaBody>(HttpMethod.Get, path, null, cancellationToken).ConfigureAwait(false)).ToSchema();
        }, cancellationToken);

    public async Task<RegisteredSchema> GetLatestSchemaAsync(string subject, CancellationToken cancellationToken = default) =>
        (await SendAsync<SchemaBody>(HttpMethod.Get, $"subjects/{Escape(subject)}/versions/latest", null, cancellationToken).ConfigureAwait(false)).ToRegistered();

    public Task<RegisteredSchema> GetRegisteredSchemaAsync(string subject, int version, CancellationToken cancellationToken = default) =>
        CachedAsync(versions, (subject, version), async () =>
        {
            string path = string.Create(CultureInfo.InvariantCulture, $"subjects/{Escape(subject)}/versions/{version}");
            return (await SendAsync<SchemaBody>(HttpMethod.Get, path, null, cancellationToken).ConfigureAwait(false)).ToRegistered();
        }, cancellationToken);

    public async Task<IReadOnlyList<string>> GetAllSubjectsAsync(CancellationToken cancellationToken = default) =>
        await SendAsync<string[]>(HttpMethod.Get, "subjects", null, cancellationToken).ConfigureAwait(false);

    public async Task<IReadOnlyList<int>> GetSubjectVersionsAsync(string subject, CancellationToken cancellationToken = default) =>
        await SendAsync<int[]>(HttpMethod.Get, $"subjects/{Escape(subject)}/versions", null, cancellationToken).ConfigureAwait(false);

    public void Dispose()
    {
        http.Dispose();
        misses.Dispose();
    }

    private async Task<RegisteredSchema> PostLookupAsync(string subject, Schema schema, CancellationToken cancellationToken) =>
        (await SendAsync<SchemaBody>(HttpMethod.Post, $"subjects/{Escape(subject)}", SchemaBody.Of(schema), cancellationToken).ConfigureAwait(false)).ToRegistered();

    private async Task<TValue> CachedAsync<TKey, TValue>(
        BoundedCache<TKey, TValue> cache, TKey key, Func<Task<TValue>> ask, CancellationToken cancellationToken)
        where TKey : notnull
    {
        if (cache.TryGet(key, out TValue? known))
        {
            return known;
        }

        await misses.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (cache.TryGet(key, out known))
            {
                return known;
            }

            TValue value = await ask().ConfigureAwait(false);
            cache.Set(key, value);
            return value;
        }
        finally
        {
            misses.Release();
        }
    }

    /// <summary>Tries every address, then waits and tries again, as often as the configuration allows.</summary>
    private async Task<TBody> SendAsync<TBody>(HttpMethod method, string path, SchemaBody? body, CancellationToken cancellationToken)
    {
        for (int attempt = 0; ; attempt++)
        {
            HttpRequestException? failure = null;
            foreach (Uri address in baseAddresses)
            {
                try
                {
                    return await SendOnceAsync<TBody>(method, new Uri(address, path), body, cancellationToken).ConfigureAwait(false);
                }
                catch (HttpRequestException e) when (IsRetriable(e))
                {
                    failure = e;
                }
            }

            if (attempt == config.MaxRetries)
            {
                throw failure!;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(config.RetriesWaitMs * (1 << Math.Min(attempt, 6))), time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<TBody> SendOnceAsync<TBody>(HttpMethod method, Uri uri, SchemaBody? body, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(config.RequestTimeoutMs), time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var request = new HttpRequestMessage(method, uri);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(ContentType));
        if (body is not null)
        {
            request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body));
            request.Content.Headers.ContentType = new(ContentType);
        }

        try
        {
            using HttpResponseMessage response = await http.SendAsync(request, both.Token).ConfigureAwait(false);
            byte[] content = await response.Content.ReadAsByteArrayAsync(both.Token).ConfigureAwait(false);
            return response.IsSuccessStatusCode
                ? JsonSerializer.Deserialize<TBody>(content) ?? throw Malformed("an empty answer from " + uri)
                : throw Refused(response.StatusCode, content, uri);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new HttpRequestException($"schema registry {uri} gave no answer within {config.RequestTimeoutMs} ms");
        }
        catch (JsonException e)
        {
            throw new HttpRequestException($"{uri} did not answer in a schema registry's format: is it one?", e, HttpStatusCode.BadGateway);
        }
        catch (HttpRequestException e) when (e.StatusCode is null)
        {
            throw new HttpRequestException($"schema registry {uri} cannot be reached: {e.Message}", e);
        }
    }

    private static SchemaRegistryException Refused(HttpStatusCode status, byte[] content, Uri uri)
    {
        try
        {
            if (JsonSerializer.Deserialize<ErrorBody>(content) is { Message: { } message } error)
            {
                return new(message, status, error.ErrorCode);
            }
        }
        catch (JsonException)
        {
            // a proxy's answer: reported by its status
        }

        return new($"{uri} answered {(int)status}", status, (int)status);
    }

    private static bool IsRetriable(HttpRequestException e) =>
        e.StatusCode is null or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError;

    private static HttpRequestException Malformed(string what) => new("schema registry gave " + what, null, HttpStatusCode.BadGateway);

    private static string Escape(string part) => Uri.EscapeDataString(part);
}
