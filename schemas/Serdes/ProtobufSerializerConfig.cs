namespace StreamPlatform.Schemas;

/// <summary>How a <see cref="ProtobufSerializer{T}"/> finds its schema id.</summary>
public sealed class ProtobufSerializerConfig
{
    /// <summary>Register the schema when the subject has it not; else it must be registered. Default true.</summary>
    public bool AutoRegisterSchemas { get; set; } = true;
}
