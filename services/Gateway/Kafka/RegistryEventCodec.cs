using Google.Protobuf;
using Google.Protobuf.Reflection;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Gateway.Kafka;

/// <summary>The codec that knows its schema ids from the registry: the topics that the gateway writes are resolved at start.</summary>
public sealed class RegistryEventCodec(ISchemaRegistryClient registry) : IEventCodec
{
    private readonly ProtobufSerializer<SessionState> sessions = new(registry);
    private readonly ProtobufSerializer<SessionEvent> events = new(registry);
    private readonly ProtobufSerializer<FrameCaptured> frames = new(registry);
    private readonly ProtobufSerializer<AudioChunk> audio = new(registry);
    private readonly ProtobufSerializer<AnswerSubmitted> answers = new(registry);
    private readonly ProtobufSerializer<ResumeRequested> resumeRequests = new(registry);
    private readonly ProtobufSerializer<ResumeOptimized> resumeResults = new(registry);
    private readonly ProtobufSerializer<Transcript> transcripts = new(registry);
    private readonly ProtobufSerializer<AuditEvent> audit = new(registry);

    private static readonly Dictionary<string, MessageDescriptor> Messages = Topics.All.ToDictionary(t => t.Name, t => t.Message);

    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await sessions.WarmUpAsync(Topics.Sessions, cancellationToken: cancellationToken);
        await events.WarmUpAsync(Topics.Events, cancellationToken: cancellationToken);
        await frames.WarmUpAsync(Topics.Frames, cancellationToken: cancellationToken);
        await audio.WarmUpAsync(Topics.Audio, cancellationToken: cancellationToken);
        await answers.WarmUpAsync(Topics.Answers, cancellationToken: cancellationToken);
        await resumeRequests.WarmUpAsync(Topics.ResumeRequests, cancellationToken: cancellationToken);
        await resumeResults.WarmUpAsync(Topics.ResumeResults, cancellationToken: cancellationToken);
        await transcripts.WarmUpAsync(Topics.Transcripts, cancellationToken: cancellationToken);
        await audit.WarmUpAsync(Topics.Audit, cancellationToken: cancellationToken);
    }

    public byte[] Encode(string topic, IMessage value)
    {
        try
        {
            return value switch
            {
                SessionState state => sessions.Serialize(topic, state),
                SessionEvent happened => events.Serialize(topic, happened),
                FrameCaptured frame => frames.Serialize(topic, frame),
                AudioChunk chunk => audio.Serialize(topic, chunk),
                AnswerSubmitted answer => answers.Serialize(topic, answer),
                ResumeRequested resume => resumeRequests.Serialize(topic, resume),
                ResumeOptimized result => resumeResults.Serialize(topic, result),
                Transcript transcript => transcripts.Serialize(topic, transcript),
                AuditEvent audited => audit.Serialize(topic, audited),
                _ => throw new ArgumentException($"The gateway does not write {value.Descriptor.FullName}."),
            };
        }
        catch (InvalidOperationException notPrepared)
        {
            throw new EventWriteException(
                RefusalCodes.KafkaUnavailable, "The schemas are not registered yet: check that the schema registry is reachable.", notPrepared);
        }
    }

    public IMessage Decode(string topic, ReadOnlySpan<byte> data)
    {
        try
        {
            return Messages[topic].Parser.ParseFrom(data[Schemas.WireFormat.PrefixLength(data)..]);
        }
        catch (Exception error) when (error is MalformedEventException or InvalidProtocolBufferException)
        {
            throw new InvalidDataException($"The value is no {Messages[topic].FullName}: {error.Message}", error);
        }
    }
}
