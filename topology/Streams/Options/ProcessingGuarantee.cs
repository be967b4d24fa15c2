namespace StreamPlatform.Streams;

/// <summary>What a committed record means.</summary>
public enum ProcessingGuarantee
{
    /// <summary>Outputs, state and offsets enter one transaction.</summary>
    ExactlyOnce,
    /// <summary>Outputs and state are acknowledged first, offsets follow.</summary>
    AtLeastOnce,
}
