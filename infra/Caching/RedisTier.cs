using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;
using StackExchange.Redis;
using StreamPlatform.Topology.Caching;

namespace StreamPlatform.Caching;

/// <summary>
/// Redis as the cache that instances share. Every request has half a second; after repeated failures Redis is left alone for a while (the breaker), and what it would
/// have answered is made anew: nothing depends on it. It connects by itself when Redis comes (back).
/// </summary>
public sealed class RedisTier : ICacheTier, IAsyncDisposable
{
    private const string Prefix = "streamplatform:";
    private const int RequestTimeoutMs = 500;

    private readonly ConnectionMultiplexer connection;
    private readonly ResiliencePipeline breaker;
    private readonly ILogger logger;

    private RedisTier(ConnectionMultiplexer connection, TimeProvider time, ILogger<RedisTier> logger)
    {
        this.connection = connection;
        this.logger = logger;
        breaker = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                FailureRatio = 0.5,
                MinimumThroughput = 4,
                SamplingDuration = TimeSpan.FromSeconds(10),
                BreakDuration = TimeSpan.FromSeconds(5),
                ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome.Exception is { } error && IsOutage(error)),
                OnOpened = _ =>
                {
                    Log.RedisDown(logger);
                    return ValueTask.CompletedTask;
                },
                OnClosed = _ =>
                {
                    Log.RedisBack(logger);
                    return ValueTask.CompletedTask;
                },
            })
            .Build();
    }

    /// <summary>Connects; Redis may come later.</summary>
    /// <param name="configuration">As StackExchange.Redis takes it: HOST:PORT[,password=...,ssl=true].</param>
    /// <param name="requestTimeoutMs">Of a request, in milliseconds; default 500.</param>
    /// <exception cref="ArgumentException">It is no such configuration; the message does not repeat it.</exception>
    public static async Task<RedisTier> ConnectAsync(string configuration, TimeProvider time, ILogger<RedisTier> logger, int requestTimeoutMs = RequestTimeoutMs)
    {
        ConfigurationOptions options;
        try
        {
            options = ConfigurationOptions.Parse(configuration, ignoreUnknown: false);
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new ArgumentException("--redis takes HOST:PORT, and after commas what StackExchange.Redis knows, such as password=... and ssl=true");
        }

        if (options.EndPoints.Count == 0)
        {
            throw new ArgumentException("--redis takes HOST:PORT, and after commas what StackExchange.Redis knows, such as password=... and ssl=true");
        }

        options.AbortOnConnectFail = false;
        options.ConnectTimeout = 1_000;
        options.AsyncTimeout = requestTimeoutMs;
        options.SyncTimeout = requestTimeoutMs;
        options.BacklogPolicy = BacklogPolicy.FailFast; // while it is down, nobody waits for it
        options.ClientName = "streamplatform";
        return new RedisTier(await ConnectionMultiplexer.ConnectAsync(options), time, logger);
    }

    /// <summary>Returns when Redis has answered; past the breaker, so that it says how Redis does now.</summary>
    /// <exception cref="RedisException">It did not.</exception>
    public Task PingAsync(CancellationToken cancellationToken) => connection.GetDatabase().PingAsync().WaitAsync(cancellationToken);

    public Task<byte[]?> GetAsync(string key, CancellationToken cancellationToken) =>
        AskAsync(async database => (byte[]?)await database.StringGetAsync(Prefix + key).ConfigureAwait(false), null, cancellationToken);

    public Task SetAsync(string key, byte[] value, TimeSpan lifetime, CancellationToken cancellationToken) =>
        AskAsync(async database => await database.StringSetAsync(Prefix + key, value, lifetime).ConfigureAwait(false), false, cancellationToken);

    public Task RemoveAsync(string key, CancellationToken cancellationToken) =>
        AskAsync(async database => await database.KeyDeleteAsync(Prefix + key).ConfigureAwait(false), false, cancellationToken);

    public async Task<IAsyncDisposable?> TryLockAsync(string key, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        var name = Prefix + "lock:" + key;
        var token = Guid.NewGuid().ToString("N");
        var taken = await AskAsync<bool?>(async database => await database.LockTakeAsync(name, token, lifetime).ConfigureAwait(false), null, cancellationToken).ConfigureAwait(false);
        return taken switch
        {
            true => new Held(this, name, token),
            false => null,
            null => new NoTier.Free(), // it is down: everybody makes the value
        };
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    private async Task<T> AskAsync<T>(Func<IDatabase, Task<T>> ask, T otherwise, CancellationToken cancellationToken)
    {
        try
        {
            return await breaker.ExecuteAsync(async _ => await ask(connection.GetDatabase()).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is BrokenCircuitException || IsOutage(e))
        {
            CacheMetrics.Failed();
            return otherwise;
        }
    }

    private static bool IsOutage(Exception error) => error is RedisException or TimeoutException or ObjectDisposedException;

    private sealed class Held(RedisTier tier, string name, string token) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() =>
            await tier.AskAsync(async database => await database.LockReleaseAsync(name, token).ConfigureAwait(false), false, CancellationToken.None).ConfigureAwait(false);
    }
}
