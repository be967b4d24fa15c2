namespace StreamPlatform.Streams;

/// <summary>How partitions move between the classic group's instances. All instances of an application must use the same.</summary>
public enum RebalanceMode
{
    /// <summary>Cooperative where every sub-topology has one input, else eager.</summary>
    Auto,
    /// <summary>Range: every instance gives all back, then all are dealt anew. Equal partition numbers of different topics stay together.</summary>
    Eager,
    /// <summary>Cooperative-sticky: only partitions that move are given back, the others go on. Refused where a sub-topology has several inputs, because it does not align them.</summary>
    Cooperative,
}
