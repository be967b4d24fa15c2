namespace StreamPlatform.Streams;

/// <summary>Life of an instance.</summary>
public enum StreamsState { Created, Starting, Restoring, Running, Rebuilding, Stopping, Stopped, Failed }
