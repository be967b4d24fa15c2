using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ladder;

namespace StreamPlatform.Hosting;

/// <summary>
/// Tells the gateways, which move the ladder, how the components of this process do: at each change, and every 10 s while one is down, since what is not
/// said again is forgotten (<see cref="LadderOptions.ForgetAfterMs"/>).
/// </summary>
public sealed class SignalSender : IAsyncDisposable
{
    private const int AgainMs = 10_000;

    private readonly Dictionary<LadderComponent, (bool Down, long AtMs)> said = [];
    private readonly CancellationTokenSource stopping = new();
    private readonly SignalBoard board;
    private readonly IEventOutlet outlet;
    private readonly TimeProvider time;
    private readonly Task running;

    /// <param name="board">What this process sees.</param>
    /// <param name="outlet">Where it is told.</param>
    /// <param name="tickMs">How often the board is looked at, milliseconds.</param>
    /// <param name="time">Clock.</param>
    public SignalSender(SignalBoard board, IEventOutlet outlet, int tickMs, TimeProvider time)
    {
        this.board = board;
        this.outlet = outlet;
        this.time = time;
        running = RunAsync(TimeSpan.FromMilliseconds(tickMs));
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running;
        stopping.Dispose();
    }

    private async Task RunAsync(TimeSpan tick)
    {
        using var timer = new PeriodicTimer(tick, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping.Token))
            {
                foreach (var component in ComponentNames.Told)
                {
                    Tell(board.ReadLocal(component));
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // the process is stopping
        }
    }

    private void Tell(ComponentState state)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var known = said.GetValueOrDefault(state.Component);
        if (known.Down == state.Down && (!state.Down || now - known.AtMs < AgainMs))
        {
            return;
        }

        said[state.Component] = (state.Down, now);
        var name = ComponentNames.Of(state.Component);
        outlet.Send(Topics.Signals, board.Instance, "", $"{board.Instance}/{name}/{now}", now, new EngineSignal
        {
            Instance = board.Instance, Component = name, Down = state.Down, SinceMs = state.SinceMs, AtMs = now,
        });
    }
}
