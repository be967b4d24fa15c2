using Confluent.Kafka;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Tests.Unit.Schemas;

public sealed class ProtobufSerdeTests
{
    private static readonly AnswerScored Score = new() { AnswerId = "s/0", Technical = 81.5f, Evidence = { "a", "b" } };

    private static SerializationContext Value(string topic) => new(MessageComponentType.Value, topic);

    [Fact]
    public async Task A_message_survives_both_paths()
    {
        using var registry = new InMemorySchemaRegistryClient();
        var serializer = new ProtobufSerializer<AnswerScored>(registry);
        byte[] bytes = await serializer.SerializeAsync(Score, Value(Topics.Scores));
        Assert.Equal(bytes, serializer.Serialize(Score, Value(Topics.Scores)));

        var deserializer = new ProtobufDeserializer<AnswerScored>();
        Assert.Equal(Score, await deserializer.DeserializeAsync(bytes, isNull: false, Value(Topics.Scores)));
        Assert.Equal(Score, deserializer.Deserialize(bytes, isNull: false, Value(Topics.Scores)));
    }

    [Fact]
    public async Task Null_is_a_tombstone_both_ways()
    {
        using var registry = new InMemorySchemaRegistryClient();
        Assert.Null(await new ProtobufSerializer<AnswerScored>(registry).SerializeAsync(null!, Value("t")));
        Assert.Null(new ProtobufDeserializer<AnswerScored>().Deserialize([], isNull: true, Value("t")));
    }

    [Fact]
    public async Task The_synchronous_path_waits_for_nothing_and_names_the_topic_whose_id_is_unknown()
    {
        using var registry = new CachedSchemaRegistryClient(new() { Url = "http://127.0.0.1:1", MaxRetries = 0 }, handler: new NoRegistry());
        var serializer = new ProtobufSerializer<AnswerScored>(registry);
        Assert.Contains("'t'", Assert.Throws<InvalidOperationException>(() => serializer.Serialize(Score, Value("t"))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<HttpRequestException>(() => serializer.WarmUpAsync("t"));
    }

    [Fact]
    public async Task A_file_is_registered_after_the_files_it_imports_with_references_to_them()
    {
        using var registry = new InMemorySchemaRegistryClient();
        await new ProtobufSerializer<InterviewReport>(registry).WarmUpAsync(Topics.Reports);
        Assert.Equal(
            ["interview.reports.v1-value", "streamplatform/v1/common.proto", "streamplatform/v1/scores.proto"], await registry.GetAllSubjectsAsync());
        RegisteredSchema report = await registry.GetLatestSchemaAsync("interview.reports.v1-value");
        Assert.Equal(
            [new("streamplatform/v1/common.proto", "streamplatform/v1/common.proto", 1), new("streamplatform/v1/scores.proto", "streamplatform/v1/scores.proto", 1)],
            report.References);
        Assert.StartsWith("syntax = \"proto3\";", report.SchemaString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_registration_an_unknown_schema_is_refused()
    {
        using var registry = new InMemorySchemaRegistryClient();
        var serializer = new ProtobufSerializer<AnswerScored>(registry, new() { AutoRegisterSchemas = false });
        SchemaRegistryException e = await Assert.ThrowsAsync<SchemaRegistryException>(() => serializer.SerializeAsync(Score, Value("t")));
        Assert.Equal(SchemaRegistryException.SubjectNotFound, e.ErrorCode);
    }

    [Theory]
    [InlineData("00000000010", "0AFF")] // a length that runs past the end
    [InlineData("00000000010", "0B")] // a group that never ends
    [InlineData("7b2261223a317d", "")] // JSON
    public void Malformed_bytes_are_poison_and_name_topic_and_type(string prefix, string payload)
    {
        byte[] data = Convert.FromHexString(prefix.Length % 2 == 0 ? prefix + payload : prefix + "0" + payload);
        MalformedEventException e = Assert.Throws<MalformedEventException>(() => new ProtobufDeserializer<AnswerScored>().Deserialize("some.topic", data));
        Assert.Contains("'some.topic'", e.Message, StringComparison.Ordinal);
        Assert.Contains("streamplatform.v1.AnswerScored", e.Message, StringComparison.Ordinal);
    }

    private sealed class NoRegistry : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromException<HttpResponseMessage>(new HttpRequestException("refused"));
    }
}
