using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StreamPlatform.Gateway.Api;
using StreamPlatform.Gateway.Capture;
using StreamPlatform.Gateway.Kafka;
using StreamPlatform.Gateway.Ladder;
using StreamPlatform.Gateway.Live;
using StreamPlatform.Gateway.Media;
using StreamPlatform.Gateway.Questions;
using StreamPlatform.Gateway.Results;
using StreamPlatform.Gateway.Resumes;
using StreamPlatform.Gateway.Reviews;
using StreamPlatform.Gateway.Sessions;
using StreamPlatform.Observability;
using StreamPlatform.Schemas;
using StreamPlatform.Topology.Ladder;
using StreamPlatform.Topology.Questions;
using HttpResults = Microsoft.AspNetCore.Http.Results;

namespace StreamPlatform.Gateway;

/// <summary>
/// Puts the gateway into a host. Register before <see cref="AddGateway"/> what should take the place of its defaults: IQuestionSource
/// (the question bank), IQuestionWriter (none: no question is generated), ISpeechSynthesizer (none: questions are not read aloud),
/// IResultsReader, ITranscriptReader (nothing stored), StorageSignal (no store: none to hear of), IEventWriter, IEventTail (Kafka), IEventCodec, ISchemaRegistryClient, TimeProvider.
/// </summary>
public static class GatewayHost
{
    public static IServiceCollection AddGateway(this IServiceCollection services, GatewayOptions options)
    {
        options.Validate();
        services.AddSingleton(options);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<GatewayMetrics>();
        services.TryAddSingleton<ISchemaRegistryClient>(_ => new CachedSchemaRegistryClient(new SchemaRegistryConfig { Url = options.SchemaRegistryUrl }));
        services.TryAddSingleton<IEventCodec, RegistryEventCodec>();
        services.TryAddSingleton<IEventWriter, KafkaEventWriter>();
        services.TryAddSingleton<IEventTail, KafkaEventTail>();
        services.TryAddSingleton<IQuestionSource>(_ => new BankQuestions(QuestionBank.Default));
        services.TryAddSingleton<IResultsReader, NoResults>();
        services.TryAddSingleton<IReviewQueue, NoReviews>();
        services.TryAddSingleton(new LadderOptions());
        services.TryAddSingleton<SignalBoard>();
        services.AddHostedService<StorageWatch>();
        services.AddSingleton<ReviewService>();
        services.AddSingleton<LadderMonitor>();
        services.AddResumes(options.Resumes);
        services.TryAddSingleton<ITranscriptReader, NoTranscripts>();
        services.AddSingleton<SessionDirectory>();
        services.AddSingleton<SessionTokens>();
        services.AddSingleton<SessionLifecycle>();
        services.AddSingleton(s => new InterviewQuestions(
            s.GetService<IQuestionWriter>(), s.GetRequiredService<IQuestionSource>(), options, s.GetRequiredService<TimeProvider>()));
        services.AddSingleton(s => new QuestionAsker(
            s.GetRequiredService<InterviewQuestions>(), s.GetRequiredService<SessionLifecycle>(), s.GetRequiredService<GatewayMetrics>(),
            s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<QuestionAsker>>(), s.GetService<ISpeechSynthesizer>()));
        services.AddSingleton<SpokenFollowUps>();
        services.AddHostedService(s => s.GetRequiredService<SpokenFollowUps>());
        services.AddSingleton(s => new SpeakQuestion(
            s.GetRequiredService<SessionDirectory>(), s.GetRequiredService<SessionTokens>(), s.GetService<ISpeechSynthesizer>()));
        services.AddSingleton<MediaIntake>();
        services.AddSingleton<CreateSession>();
        services.AddSingleton<Transcripts>();
        services.AddSingleton<ResultsService>();
        services.AddSingleton<ReportService>();
        services.AddSingleton<LiveHub>();
        services.AddSingleton<SchemaPreparation>();
        services.AddHostedService(s => s.GetRequiredService<SchemaPreparation>());
        services.AddHostedService<SessionFollower>();
        services.AddHostedService<SilenceCheck>();
        services.AddHostedService<LiveFeed>();
        services.AddHostedService(s => s.GetRequiredService<LadderMonitor>());
        services.AddSingleton<SocketGate>();
        services.AddSingleton<IHealthSource, GatewayHealth>();
        // its request lines hold the query, and the query of a capture socket its token
        services.AddLogging(logging => logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning));
        services.AddProblemDetails();
        services.Configure<KestrelServerOptions>(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = options.MaxRequestBytes;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromMilliseconds(options.HelloTimeoutMs);
            kestrel.Limits.MaxConcurrentUpgradedConnections = options.MaxSockets;
        });
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.Encoder = GatewayJson.Options.Encoder;
            json.SerializerOptions.NumberHandling = GatewayJson.Options.NumberHandling;
        });
        return services;
    }

    /// <summary>Adds the gateway's pages, REST API, WebSockets and probes (/readyz over every IHealthSource of the host). /metrics is the host's.</summary>
    public static WebApplication MapGateway(this WebApplication app)
    {
        app.UseReadYourWrites(app.Services.GetRequiredService<TimeProvider>());
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.FromSeconds(20), KeepAliveTimeout = TimeSpan.FromSeconds(20) });
        app.MapClientFiles();
        app.MapPost("/api/sessions", (HttpContext context, CreateSession create) => create.HandleAsync(context));
        app.MapSessionList();
        app.MapGet("/api/sessions/{id}/results", async (string id, ResultsService results, CancellationToken cancelled) =>
            await results.GetAsync(id, cancelled) is { } found
                ? HttpResults.Ok(found)
                : Problems.Of(404, RefusalCodes.UnknownSession, $"No session {id} is known: GET /api/sessions lists those that are."));
        app.MapReports();
        app.MapMedia();
        app.MapGet("/api/sessions/{id}/questions/{index:int}/speech", (HttpContext context, string id, int index, SpeakQuestion speak) =>
            speak.HandleAsync(context, id, index));
        app.MapReviews();
        app.MapResumes();
        app.MapGet("/api/transcripts", (HttpContext context, Transcripts transcripts, int needsCorrection = 0, int limit = 50, string before = "") =>
            transcripts.ListAsync(context, needsCorrection != 0, limit, before));
        app.MapPut("/api/sessions/{id}/answers/{index:int}/transcript", (HttpContext context, string id, int index, Transcripts transcripts) =>
            transcripts.CorrectAsync(context, id, index));
        app.MapHealth();
        app.Map("/ws/capture", (HttpContext context, SocketGate sockets) => sockets.CaptureAsync(context));
        app.Map("/ws/live/{id}", (HttpContext context, string id, SocketGate sockets) => sockets.LiveAsync(context, id));
        return app;
    }
}
