using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StreamPlatform.Gateway.Api;
using StreamPlatform.Gateway.Capture;
using StreamPlatform.Gateway.Live;
using StreamPlatform.Gateway.Questions;
using StreamPlatform.Gateway.Results;
using StreamPlatform.Gateway.Sessions;
using StreamPlatform.Gateway.Sockets;

namespace StreamPlatform.Gateway;

/// <summary>
/// Takes WebSockets. A bad token or session is told on the socket itself, since browsers hide the body of a refused handshake.
/// </summary>
internal sealed class SocketGate(
    SessionDirectory directory, SessionTokens tokens, MediaIntake intake, SessionLifecycle lifecycle, QuestionAsker asker, LiveHub hub, ResultsService results,
    GatewayOptions options, GatewayMetrics metrics, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<SocketGate> logger)
{
    public async Task CaptureAsync(HttpContext context)
    {
        if (!await IsWebSocketAsync(context))
        {
            return;
        }

        var (sessionId, refusal) = tokens.Check(context.Request.Query["token"]);
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        metrics.Sockets("capture", 1);
        try
        {
            var session = sessionId is null ? null : directory.Find(sessionId);
            refusal ??= session is null && !directory.Loaded.IsCompleted
                ? new(RefusalCodes.NotReady, "The gateway is still reading its sessions: reconnect in a moment.")
                : null;
            refusal ??= session is null
                ? new(RefusalCodes.UnknownSession, $"The token's session {sessionId} is not known: start a new one with POST /api/sessions.")
                : null;
            if (refusal is not null)
            {
                await RefuseAsync(socket, refusal);
                return;
            }

            await new CaptureSocket(socket, session!, intake, lifecycle, asker, options, metrics, time, logger).RunAsync(lifetime.ApplicationStopping);
        }
        finally
        {
            metrics.Sockets("capture", -1);
        }
    }

    public async Task LiveAsync(HttpContext context, string sessionId)
    {
        if (!await IsWebSocketAsync(context))
        {
            return;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        metrics.Sockets("live", 1);
        try
        {
            await new LiveSocket(socket, sessionId, hub, results, options, time).RunAsync(lifetime.ApplicationStopping);
        }
        finally
        {
            metrics.Sockets("live", -1);
        }
    }

    private async Task<bool> IsWebSocketAsync(HttpContext context)
    {
        // browsers tell the page's origin and let any page connect: a stranger's page must not read a session over its visitor's network
        if (context.Request.Headers.Origin.ToString() is { Length: > 0 } origin && !IsAllowed(origin, context.Request.Host))
        {
            await Problems.Of(403, RefusalCodes.WrongOrigin, $"Pages of {origin} may not open sockets here: add it to Gateway:AllowedOrigins.").ExecuteAsync(context);
            return false;
        }

        if (!context.WebSockets.IsWebSocketRequest)
        {
            await Problems.Of(400, RefusalCodes.WebSocketRequired, "This address takes WebSocket handshakes only.").ExecuteAsync(context);
            return false;
        }

        return true;
    }

    private bool IsAllowed(string origin, HostString host) =>
        (Uri.TryCreate(origin, UriKind.Absolute, out var uri) && string.Equals(uri.Authority, host.Value, StringComparison.OrdinalIgnoreCase))
        || options.AllowedOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase);

    private async Task RefuseAsync(WebSocket socket, Refusal refusal)
    {
        metrics.Refused(refusal.Code);
        var writer = new SocketWriter(socket, options, time);
        writer.TrySend(ServerMessages.Error(refusal));
        writer.Close(refusal.Code switch
        {
            RefusalCodes.UnknownSession => CloseCodes.UnknownSession,
            RefusalCodes.NotReady => CloseCodes.TryAgainLater,
            _ => CloseCodes.BadToken,
        }, refusal.Message);
        using var abort = time.CreateTimer(_ => socket.Abort(), null, TimeSpan.FromMilliseconds(options.SendTimeoutMs), Timeout.InfiniteTimeSpan);
        using var reader = new SocketReader(socket, options.MaxMessageBytes);
        await writer.RunAsync();
        await reader.DrainAsync();
    }
}
