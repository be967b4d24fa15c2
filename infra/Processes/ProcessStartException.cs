namespace StreamPlatform.Processes;

/// <summary>A program cannot be started: it, or prlimit, is not installed.</summary>
public sealed class ProcessStartException(string program, Exception inner) : IOException($"{program} cannot be started: {inner.Message}", inner);
