using System.Net.WebSockets;
using StreamPlatform.Gateway.Results;
using StreamPlatform.Gateway.Sockets;

namespace StreamPlatform.Gateway.Live;

/// <summary>One open live socket: a snapshot of what is stored, then the session's live messages. What the client says is ignored.</summary>
internal sealed class LiveSocket(WebSocket socket, string sessionId, LiveHub hub, ResultsService results, GatewayOptions options, TimeProvider time)
{
    private const int MaxInputBytes = 4096;

    public async Task RunAsync(CancellationToken stopping)
    {
        var writer = new SocketWriter(socket, options, time);
        using var reader = new SocketReader(socket, MaxInputBytes);
        await using var abort = time.CreateTimer(_ => socket.Abort(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        using var onStop = stopping.Register(() =>
        {
            writer.Close(CloseCodes.GoingAway, "the gateway is stopping");
            abort.Change(TimeSpan.FromMilliseconds(options.SendTimeoutMs), Timeout.InfiniteTimeSpan);
        });
        var sending = writer.RunAsync();
        try
        {
            var snapshot = await results.GetAsync(sessionId, stopping);
            if (snapshot is null)
            {
                writer.TrySend(new { type = "error", code = RefusalCodes.UnknownSession, message = $"No session {sessionId} is known: see / for those that are." });
                writer.Close(CloseCodes.UnknownSession, "unknown session");
            }
            else
            {
                writer.TrySend(new
                {
                    type = "snapshot", snapshot.Session, snapshot.Answers, snapshot.Transcripts, snapshot.Segments, snapshot.Scores,
                    snapshot.Windows, snapshot.EmotionRows, snapshot.EmotionStore, snapshot.Report,
                });
                // what came between the snapshot's read and now is in the hub's history; the page counts nothing twice
                hub.Follow(sessionId, writer);
                while ((await reader.ReceiveAsync()).Kind is SocketInput.Text or SocketInput.Binary)
                {
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // closed below
        }
        finally
        {
            hub.Leave(sessionId, writer);
            writer.Close(CloseCodes.Normal, "");
            await sending;
            abort.Change(TimeSpan.FromMilliseconds(options.SendTimeoutMs), Timeout.InfiniteTimeSpan);
            await reader.DrainAsync();
        }
    }
}
