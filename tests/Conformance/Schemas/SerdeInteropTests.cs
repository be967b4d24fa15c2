using System.Text.Json.Nodes;
using Confluent.Kafka;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Tests.Conformance.Registry;

namespace StreamPlatform.Tests.Conformance.Schemas;

/// <summary>Our serdes against npm @confluentinc/schemaregistry, on our registry: the same bytes, in both directions.</summary>
[Collection(OnEmbeddedBroker.Name)]
public sealed class SerdeInteropTests
{
    // the descriptors of C# carry no JSON names
    private static readonly JsonFormatter ProtoNames = new(JsonFormatter.Settings.Default.WithPreserveProtoFieldNames(true));

    private readonly RegistryFixture fixture;

    public SerdeInteropTests(EmbeddedBrokerRegistry fixture)
    {
        this.fixture = fixture;
        fixture.SkipIfMissing();
        NodeClient.SkipIfMissing();
    }

    [Fact]
    public async Task Every_message_has_the_bytes_of_the_npm_serializer_which_finds_our_schema_by_lookup()
    {
        using CachedSchemaRegistryClient client = fixture.Client();
        string prefix = RegistryFixture.Unique("bytes");
        var jobs = new JsonArray();
        var ours = new List<byte[]>();
        foreach (MessageDescriptor type in SampleMessages.Types)
        {
            IMessage message = SampleMessages.Fill(type);
            ours.Add(await SerializeAsync(client, Topic(prefix, type), message));
            jobs.Add(new JsonObject { ["topic"] = Topic(prefix, type), ["type"] = type.FullName, ["json"] = Json(message) });
        }

        JsonArray theirs = await RunAsync(jobs);
        for (int i = 0; i < ours.Count; i++)
        {
            Assert.True(theirs[i]!["base64"] is not null, $"{SampleMessages.Types[i].FullName}: {theirs[i]!["error"]}");
            Assert.Equal(Convert.ToHexString(ours[i]), Convert.ToHexString(Convert.FromBase64String((string)theirs[i]!["base64"]!)));
        }
    }

    [Fact]
    public async Task The_npm_deserializer_reads_what_we_write()
    {
        using CachedSchemaRegistryClient client = fixture.Client();
        string prefix = RegistryFixture.Unique("ours");
        var jobs = new JsonArray();
        foreach (MessageDescriptor type in SampleMessages.Types)
        {
            byte[] bytes = await SerializeAsync(client, Topic(prefix, type), SampleMessages.Fill(type));
            jobs.Add(new JsonObject { ["topic"] = Topic(prefix, type), ["base64"] = Convert.ToBase64String(bytes) });
        }

        JsonArray read = await RunAsync(jobs);
        for (int i = 0; i < read.Count; i++)
        {
            MessageDescriptor type = SampleMessages.Types[i];
            Assert.True(read[i]!["json"] is not null, $"{type.FullName}: {read[i]!["error"]}");
            Assert.Equal(type.FullName, (string?)read[i]!["type"]);
            Assert.Equal(SampleMessages.Fill(type), JsonParser.Default.Parse(read[i]!["json"]!.ToJsonString(), type));
        }
    }

    [Fact]
    public async Task We_read_what_the_npm_serializer_registers_and_writes_and_share_its_schema_id()
    {
        using CachedSchemaRegistryClient client = fixture.Client();
        string topic = RegistryFixture.Unique("theirs");
        var report = (InterviewReport)SampleMessages.Fill(InterviewReport.Descriptor);
        JsonArray written = await RunAsync([new JsonObject
        {
            ["topic"] = topic, ["type"] = InterviewReport.Descriptor.FullName, ["json"] = Json(report), ["register"] = true,
        }]);

        Assert.True(written[0]!["base64"] is not null, (string?)written[0]!["error"]);
        byte[] bytes = Convert.FromBase64String((string)written[0]!["base64"]!);
        Assert.Equal(report, new ProtobufDeserializer<InterviewReport>().Deserialize(topic, bytes));
        Assert.Equal(bytes, await SerializeAsync(client, topic, report));
    }

    [Fact]
    public async Task Nested_messages_and_a_proto2_file_have_the_same_indexes_and_bytes()
    {
        using CachedSchemaRegistryClient client = fixture.Client();
        string topic = RegistryFixture.Unique("nested");
        var range = new DescriptorProto.Types.ExtensionRange { Start = 5, End = 300 };
        byte[] ours = await SerializeAsync(client, topic, range);
        JsonArray theirs = await RunAsync(
            [
                new JsonObject { ["topic"] = topic, ["type"] = "google.protobuf.DescriptorProto.ExtensionRange", ["json"] = new JsonObject { ["start"] = 5, ["end"] = 300 }, ["register"] = true },
                new JsonObject { ["topic"] = topic, ["base64"] = Convert.ToBase64String(ours) },
            ],
            DescriptorReflection.Descriptor);

        Assert.Equal("04-04-00", BitConverter.ToString(ours, 5, 3)); // two indexes, [2, 0], as zigzag varints
        Assert.True(theirs[0]!["base64"] is not null, (string?)theirs[0]!["error"]);
        // the npm package carries a newer descriptor.proto, hence another schema id: all but the id is compared
        Assert.Equal(ours[5..], Convert.FromBase64String((string)theirs[0]!["base64"]!)[5..]);
        Assert.Equal("google.protobuf.DescriptorProto.ExtensionRange", (string?)theirs[1]!["type"] ?? (string?)theirs[1]!["error"]);
    }

    private static string Topic(string prefix, MessageDescriptor type) => $"{prefix}.{type.Name}";

    private static JsonNode Json(IMessage message) => JsonNode.Parse(ProtoNames.Format(message))!;

    private static Task<byte[]> SerializeAsync(ISchemaRegistryClient client, string topic, IMessage message) =>
        (Task<byte[]>)typeof(SerdeInteropTests).GetMethod(nameof(SerializeTypedAsync), System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)!
            .MakeGenericMethod(message.GetType()).Invoke(null, [client, topic, message])!;

    private static Task<byte[]> SerializeTypedAsync<T>(ISchemaRegistryClient client, string topic, T message)
        where T : class, IMessage<T>, new() =>
        new ProtobufSerializer<T>(client).SerializeAsync(message, new SerializationContext(MessageComponentType.Value, topic));

    private async Task<JsonArray> RunAsync(JsonArray jobs, params FileDescriptor[] more) => (JsonArray)await NodeClient.RunJsonAsync(
        "schemas/serde.mjs",
        new JsonObject { ["registry"] = fixture.Url, ["descriptors"] = SampleMessages.DescriptorSet(more).ToBase64(), ["jobs"] = jobs });
}
