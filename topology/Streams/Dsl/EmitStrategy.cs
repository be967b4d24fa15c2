namespace StreamPlatform.Streams;

/// <summary>When a windowed aggregate gives results.</summary>
public enum EmitStrategy
{
    /// <summary>Once, when the window closes. The default; what Kafka Streams calls <c>suppress(untilWindowCloses)</c> or <c>EmitStrategy.onWindowClose</c>.</summary>
    OnWindowClose,
    /// <summary>At every record, for each window it changed; closing then gives nothing more.</summary>
    OnWindowUpdate,
}
