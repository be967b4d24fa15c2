namespace StreamPlatform.Observability;

/// <summary>How a part outside the process is asked for its health.</summary>
public sealed class HealthProbeOptions
{
    /// <summary>Time between questions. Default 2 s, 100 ms .. 5 min.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long an answer may take. Default 2 s, 10 ms .. 1 min.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <exception cref="ArgumentException">Names the option and the accepted range.</exception>
    public void Validate()
    {
        Check(nameof(Interval), Interval, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5));
        Check(nameof(Timeout), Timeout, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1));
    }

    private static void Check(string name, TimeSpan value, TimeSpan least, TimeSpan most)
    {
        if (value < least || value > most)
        {
            throw new ArgumentException($"{nameof(HealthProbeOptions)}.{name} is {value}; it takes {least} to {most}");
        }
    }
}
