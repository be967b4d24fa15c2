namespace StreamPlatform.Postgres.Migrations;

/// <summary>Bounds of a migration run.</summary>
public sealed class MigrationOptions
{
    /// <summary>
    /// How long a statement may wait for a lock: while it waits, everyone who comes after it waits too. Default 200 ms, 10 ms .. 900 ms,
    /// so that no writer waits for a second.
    /// </summary>
    public TimeSpan LockTimeout { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Pause before a lock is asked for again; it doubles up to 16 times this. Default 100 ms, 1 ms .. 10 s.</summary>
    public TimeSpan RetryPause { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long locks are asked for, per statement, and how long another instance's migrations are waited for. Default 30 min, 1 s .. 1 d.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>How long one statement may run (building an index of a big table). Default 6 h, 1 s .. 7 d.</summary>
    public TimeSpan StatementTimeout { get; set; } = TimeSpan.FromHours(6);

    /// <exception cref="ArgumentException">Names the option and the accepted range.</exception>
    public void Validate()
    {
        Require(nameof(LockTimeout), LockTimeout, TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(900));
        Require(nameof(RetryPause), RetryPause, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(10));
        Require(nameof(Patience), Patience, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        Require(nameof(StatementTimeout), StatementTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromDays(7));
    }

    private static void Require(string option, TimeSpan value, TimeSpan low, TimeSpan high)
    {
        if (value < low || value > high)
        {
            throw new ArgumentException($"migration option {option} is {value}; it takes {low} .. {high}");
        }
    }
}
