using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams.Simulation;

/// <summary>How often what fails, of one run; probabilities per call. All end with <see cref="Heal"/>.</summary>
internal sealed class Faults(Scheduler scheduler)
{
    public double Retriable { get; set; }
    public double Abortable { get; set; }
    public double Fatal { get; set; }
    public double Hang { get; set; }
    public double StepTransient { get; set; }
    public int StepMaxMs { get; set; }
    /// <summary>The next call that may block takes this long; once.</summary>
    public int HangNextMs { get; set; }
    /// <summary>As <see cref="HangNextMs"/>, of the next call that sends offsets to a transaction.</summary>
    public int HangNextSendOffsetsMs { get; set; }

    public static Faults Draw(Scheduler scheduler)
    {
        double Some(double most) => scheduler.Chance(0.5) ? 0 : scheduler.Random.NextDouble() * most;
        return new Faults(scheduler)
        {
            Retriable = Some(0.1), Abortable = Some(0.2), Fatal = Some(0.03), Hang = Some(0.02), StepTransient = Some(0.1), StepMaxMs = scheduler.Between(0, 40),
        };
    }

    public void Heal() => Retriable = Abortable = Fatal = Hang = StepTransient = 0;

    /// <summary>The failure to inject now, or null.</summary>
    public TransportException? Draw(string call, bool abortable)
    {
        if (scheduler.Chance(Retriable)) return new(TransportFailure.Retriable, $"{call} timed out, injected");
        if (abortable && scheduler.Chance(Abortable)) return new(TransportFailure.Abortable, $"{call} refused, injected");
        return abortable && scheduler.Chance(Fatal) ? new(TransportFailure.Fatal, $"{call} fatal, injected") : null;
    }

    /// <summary>Takes its time in a blocking call; now and then very long.</summary>
    public void Delay()
    {
        if (HangNextMs > 0)
        {
            var ms = HangNextMs;
            HangNextMs = 0;
            scheduler.Sleep(ms);
        }
        else if (scheduler.Chance(Hang)) scheduler.Sleep(scheduler.Between(5_000, 90_000));
        else if (scheduler.Chance(0.5)) scheduler.Sleep(scheduler.Between(0, 10));
        else scheduler.Yield();
    }
}
