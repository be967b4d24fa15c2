namespace StreamPlatform.Streams;

/// <summary>What happens to a record whose transient error outlived its attempts.</summary>
public enum ExhaustedPolicy { DeadLetter, Fatal }
