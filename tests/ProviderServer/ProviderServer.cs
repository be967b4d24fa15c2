using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace StreamPlatform.TestProvider;

/// <summary>
/// A stand-in for an OpenAI-compatible provider on 127.0.0.1: chat completions, transcriptions, speech, models. It goes wrong as told by <see cref="Faults"/> or by /control,
/// and keeps what it was asked.
/// </summary>
public sealed class ProviderServer : IAsyncDisposable
{
    private readonly ProviderServerOptions options;
    private readonly WebApplication app;
    private readonly ConcurrentQueue<RecordedRequest> requests = new();
    private readonly CancellationTokenSource stopping = new();
    private long count;
    private int running;
    private int mostRunning;

    private ProviderServer(ProviderServerOptions options, WebApplication app)
    {
        this.options = options;
        this.app = app;
        Chat = options.Chat;
        Latency = options.Latency;
        Faults = new FaultScript(options.Time, options.Seed);
    }

    /// <summary>Root, for /control.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1");

    /// <summary>What a client takes as its base address: ends in /v1.</summary>
    public Uri BaseUrl => new(Address, "v1");

    /// <summary>What goes wrong, and when.</summary>
    public FaultScript Faults { get; }

    /// <summary>Who answers chat completions from now on.</summary>
    public IChatResponder Chat { get; set; }

    /// <summary>Waited before each answer.</summary>
    public TimeSpan Latency { get; set; }

    /// <summary>Everything asked so far, in order of arrival.</summary>
    public IReadOnlyList<RecordedRequest> Requests => [.. requests];

    /// <summary>The most requests that were being answered at the same time.</summary>
    public int MostConcurrent => Volatile.Read(ref mostRunning);

    internal ProviderServerOptions Options => options;

    internal CancellationToken Stopping => stopping.Token;

    /// <summary>Listens; the server stops when it is disposed, hanging requests included.</summary>
    public static async Task<ProviderServer> StartAsync(ProviderServerOptions? options = null, CancellationToken ct = default)
    {
        options ??= new ProviderServerOptions();
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = 32 * 1024 * 1024;
            kestrel.Listen(System.Net.IPAddress.Loopback, options.Port);
        });
        var app = builder.Build();
        var server = new ProviderServer(options, app);
        app.MapPost("/v1/chat/completions", new ChatEndpoint(server).HandleAsync);
        app.MapPost("/v1/audio/transcriptions", new AudioEndpoint(server).HandleAsync);
        app.MapPost("/v1/audio/speech", new SpeechEndpoint(server).HandleAsync);
        app.MapGet("/v1/models", (HttpContext http) => ControlEndpoint.ModelsAsync(http));
        app.MapGet("/healthz", () => "ok");
        new ControlEndpoint(server).Map(app);
        await app.StartAsync(ct);
        server.Address = new Uri(app.Urls.First());
        return server;
    }

    /// <summary>Forgets what was asked.</summary>
    public void ClearRequests() => requests.Clear();

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await app.StopAsync(CancellationToken.None);
        await app.DisposeAsync();
        stopping.Dispose();
    }

    /// <summary>Keeps the request, waits the latency, says what shall go wrong.</summary>
    internal async Task<Fault?> ArriveAsync(HttpContext http, string endpoint, string model, string task, string body)
    {
        var hash = RecordedRequest.Hash(Key(http));
        var fault = options.AcceptedKeys.Count > 0 && !options.AcceptedKeys.Contains(Key(http))
            ? new Fault { Kind = FaultKind.Unauthorized }
            : Faults.Decide(endpoint, hash, model);
        requests.Enqueue(new RecordedRequest(
            Interlocked.Increment(ref count), options.Time.GetUtcNow(), endpoint, hash, model, task, body, fault?.Kind.ToString() ?? ""));
        while (requests.Count > options.MaxRecorded && requests.TryDequeue(out _))
        {
        }

        if (Latency > TimeSpan.Zero)
        {
            await Task.Delay(Latency, http.RequestAborted);
        }

        return fault;
    }

    /// <summary>Counts requests that are being answered.</summary>
    internal IDisposable Enter()
    {
        var now = Interlocked.Increment(ref running);
        for (var most = mostRunning; now > most && Interlocked.CompareExchange(ref mostRunning, now, most) != most; most = mostRunning)
        {
        }

        return new Leaving(this);
    }

    private static string Key(HttpContext http) =>
        http.Request.Headers.Authorization.ToString() is var value && value.StartsWith("Bearer ", StringComparison.Ordinal) ? value["Bearer ".Length..] : "";

    private sealed class Leaving(ProviderServer server) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref server.running);
    }

    private sealed class NoLifetime : IHostLifetime
    {
        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
