namespace StreamPlatform.Streams;

/// <summary>A step failed with a fatal error; the instance stopped before the record's offset.</summary>
public sealed class FatalStepException(string message, Exception inner) : Exception(message, inner);
