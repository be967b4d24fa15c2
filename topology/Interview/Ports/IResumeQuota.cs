namespace StreamPlatform.Topology.Ports;

/// <summary>Resumes per client, hour and day. Safe for concurrent use.</summary>
public interface IResumeQuota
{
    /// <summary>Counts the resumes if they fit, else nothing.</summary>
    /// <param name="client">Whom they count for; not kept in clear beyond the process.</param>
    /// <param name="resumes">1 or more.</param>
    /// <param name="limits">What a client may send.</param>
    /// <returns>Zero when they were counted; else how long to wait until they fit.</returns>
    /// <exception cref="Streams.TransientException">It cannot be counted now.</exception>
    ValueTask<TimeSpan> TakeAsync(string client, int resumes, ResumeLimits limits, CancellationToken cancellationToken);
}

/// <param name="PerHour">Resumes in any hour.</param>
/// <param name="PerDay">Resumes in any day.</param>
public readonly record struct ResumeLimits(int PerHour, int PerDay);
