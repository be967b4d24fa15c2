namespace StreamPlatform.Streams;

/// <summary>Where an input without any committed offset starts.</summary>
public enum InitialOffset { Earliest, Latest }
