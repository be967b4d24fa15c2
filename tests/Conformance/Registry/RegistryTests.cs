using System.Text.Json.Nodes;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Google.Protobuf.Reflection;
using StreamPlatform.Registry;
using StreamPlatform.Schemas;
using StreamPlatform.Tests.Conformance.Schemas;

namespace StreamPlatform.Tests.Conformance.Registry;

/// <summary>The registry through npm @confluentinc/schemaregistry's client, and its state topic through a plain consumer.</summary>
public abstract class RegistryTests
{
    private const string Person = "syntax = \"proto3\";\npackage test;\n// A person.\nmessage Person {\n  string name = 1; // full\n  int32 age_years = 2;\n}\n";
    private const string PersonWithEmail = "syntax = \"proto3\";\npackage test;\nmessage Person {\n  string name = 1;\n  int32 age_years = 2;\n  string email = 3;\n}\n";

    private readonly RegistryFixture fixture;

    protected RegistryTests(RegistryFixture fixture)
    {
        this.fixture = fixture;
        fixture.SkipIfMissing();
    }

    [Fact]
    public async Task Registers_finds_and_serves_versions()
    {
        string s = RegistryFixture.Unique("people") + "-value";
        JsonArray r = await CallAsync(
            ["register", s, Proto(Person)],
            ["register", s, Proto(PersonWithEmail)],
            ["register", s, Proto(Person)],
            ["getId", s, Proto(PersonWithEmail)],
            ["getVersion", s, Proto(Person)],
            ["getAllVersions", s],
            ["getLatestSchemaMetadata", s],
            ["getSchemaMetadata", s, 1],
            ["getAllSubjects"]);

        int first = (int)Ok(r[0]);
        int second = (int)Ok(r[1]);
        Assert.NotEqual(first, second);
        Assert.Equal(first, (int)Ok(r[2]));
        Assert.Equal(second, (int)Ok(r[3]));
        Assert.Equal(1, (int)Ok(r[4]));
        Assert.Equal("[1,2]", Ok(r[5]).ToJsonString());
        Assert.Equal((2, second, PersonWithEmail), ((int)Ok(r[6])["version"]!, (int)Ok(r[6])["id"]!, (string)Ok(r[6])["schema"]!));
        Assert.Equal((1, first, Person), ((int)Ok(r[7])["version"]!, (int)Ok(r[7])["id"]!, (string)Ok(r[7])["schema"]!));
        Assert.Contains(s, Ok(r[8]).AsArray().Select(n => (string)n!));
    }

    [Fact]
    public async Task An_id_gives_the_source_or_the_serialized_descriptor()
    {
        string s = RegistryFixture.Unique("formats") + "-value";
        int id = (int)Ok((await CallAsync(["register", s, Proto(Person)]))[0]);
        JsonArray r = await CallAsync(["getBySubjectAndId", s, id], ["getBySubjectAndId", s, id, "serialized"]);

        Assert.Equal(Person, (string?)Ok(r[0])["schema"]);
        FileDescriptorProto file = FileDescriptorProto.Parser.ParseFrom(Convert.FromBase64String((string)Ok(r[1])["schema"]!));
        Assert.Equal(["name", "age_years"], file.MessageType.Single().Field.Select(f => f.Name));
    }

    [Fact]
    public async Task Equal_meaning_is_one_id_over_subjects_layout_comments_and_descriptors()
    {
        string a = RegistryFixture.Unique("same-a") + "-value";
        string b = RegistryFixture.Unique("same-b") + "-value";
        var file = new FileDescriptorProto { Name = "any.proto", Package = "test", Syntax = "proto3" };
        var person = new DescriptorProto { Name = "Person" };
        person.Field.Add(new FieldDescriptorProto { Name = "name", Number = 1, Label = FieldDescriptorProto.Types.Label.Optional, Type = FieldDescriptorProto.Types.Type.String, JsonName = "name" });
        person.Field.Add(new FieldDescriptorProto { Name = "age_years", Number = 2, Label = FieldDescriptorProto.Types.Label.Optional, Type = FieldDescriptorProto.Types.Type.Int32, JsonName = "ageYears" });
        file.MessageType.Add(person);
        string descriptor = Convert.ToBase64String(Google.Protobuf.MessageExtensions.ToByteArray(file));
        JsonArray r = await CallAsync(
            ["register", a, Proto(Person)],
            ["register", b, Proto("syntax='proto3';package test;message Person{string name=1;int32 age_years=2;}")],
            ["getId", a, Proto(descriptor)]);

        Assert.Equal((int)Ok(r[0]), (int)Ok(r[1]));
        Assert.Equal((int)Ok(r[0]), (int)Ok(r[2]));
    }

    [Fact]
    public async Task Refuses_with_Confluents_codes()
    {
        string s = RegistryFixture.Unique("errors") + "-value";
        string registered = RegistryFixture.Unique("there") + "-value";
        JsonArray r = await CallAsync(
            ["getLatestSchemaMetadata", s],
            ["register", registered, Proto(Person)],
            ["getSchemaMetadata", registered, 7],
            ["getBySubjectAndId", registered, 999_999],
            ["register", s, Proto("syntax = \"proto3\";\nmessage Broken {\n  strin g name = 1;\n}\n")],
            ["register", s, Proto("syntax = \"proto3\"; message M { Missing m = 1; }")],
            ["register", s, Proto("syntax = \"proto3\"; message M { int32 a = 1; int32 b = 1; }")],
            ["register", s, Proto("syntax = \"proto3\"; import \"other.proto\"; message M { int32 a = 1; }")],
            ["register", s, new JsonObject { ["schema"] = "{\"type\":\"string\"}" }],
            ["getId", registered, Proto(PersonWithEmail)],
            ["getSchemaMetadata", registered, 0],
            ["updateCompatibility", registered, "SIDEWAYS"],
            ["getCompatibility", registered]);

        Assert.Equal(
            [40401, 0, 40402, 40403, 42201, 42201, 42201, 42201, 42201, 40403, 42202, 42203, 40408],
            r.Select(n => (int?)n!["code"] ?? 0));
        Assert.Equal(404, (int)r[0]!["status"]!);
        Assert.Equal(422, (int)r[4]!["status"]!);
        Assert.Contains("line 3", (string)r[4]!["message"]!, StringComparison.Ordinal);
        Assert.Contains("Missing", (string)r[5]!["message"]!, StringComparison.Ordinal);
        Assert.Contains("other.proto", (string)r[7]!["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task References_are_resolved_and_protected()
    {
        string folder = RegistryFixture.Unique("dir");
        string import = folder + "/person.proto";
        string s = RegistryFixture.Unique("team") + "-value";
        JsonObject team = Proto($"syntax = \"proto3\"; package test; import \"{import}\"; message Team {{ repeated Person people = 1; }}");
        team["references"] = new JsonArray(new JsonObject { ["name"] = import, ["subject"] = import, ["version"] = 1 });
        JsonArray r = await CallAsync(
            ["register", import, Proto(Person)], ["register", s, team], ["getLatestSchemaMetadata", s], ["getLatestSchemaMetadata", s, "serialized"], ["deleteSubject", import]);

        Assert.Equal(import, (string?)Ok(r[2])["references"]![0]!["subject"]);
        FileDescriptorProto file = FileDescriptorProto.Parser.ParseFrom(Convert.FromBase64String((string)Ok(r[3])["schema"]!));
        Assert.Equal(".test.Person", file.MessageType.Single().Field.Single().TypeName);
        Assert.Equal(42206, (int)r[4]!["code"]!);
    }

    [Fact]
    public async Task Deletes_softly_then_for_good()
    {
        string s = RegistryFixture.Unique("gone") + "-value";
        JsonArray r = await CallAsync(
            ["register", s, Proto(Person)],
            ["register", s, Proto(PersonWithEmail)],
            ["deleteSubjectVersion", s, 1, true],
            ["deleteSubjectVersion", s, 1],
            ["getAllVersions", s],
            ["deleteSubject", s],
            ["getAllVersions", s],
            ["getSchemaMetadata", s, 2, true],
            ["deleteSubject", s, true],
            ["getSchemaMetadata", s, 2, true],
            ["register", s, Proto(Person)],
            ["getAllVersions", s]);

        Assert.Equal(40407, (int)r[2]!["code"]!);
        Assert.Equal("[2]", Ok(r[4]).ToJsonString());
        Assert.Equal("[2]", Ok(r[5]).ToJsonString());
        Assert.Equal(40401, (int)r[6]!["code"]!);
        Assert.Equal(2, (int)Ok(r[7])["version"]!);
        Assert.Equal(40401, (int)r[9]!["code"]!);
        Assert.Equal("[1]", Ok(r[11]).ToJsonString());
    }

    [Fact]
    public async Task State_survives_a_restart_and_settings_are_kept()
    {
        string topic = RegistryFixture.Unique("schemas");
        string s = RegistryFixture.Unique("kept") + "-value";
        int id;
        await using (SchemaRegistryServer one = await SchemaRegistryServer.StartAsync(fixture.Options(topic)))
        {
            JsonArray r = await CallAtAsync(
                one.Url, ["getDefaultCompatibility"], ["register", s, Proto(Person)], ["updateCompatibility", s, "FULL"], ["updateDefaultCompatibility", "NONE"]);
            Assert.Equal("BACKWARD_TRANSITIVE", (string?)Ok(r[0]));
            id = (int)Ok(r[1]);
        }

        await using SchemaRegistryServer two = await SchemaRegistryServer.StartAsync(fixture.Options(topic));
        JsonArray again = await CallAtAsync(
            two.Url, ["getId", s, Proto(Person)], ["getCompatibility", s], ["getDefaultCompatibility"], ["register", s, Proto(PersonWithEmail)]);
        Assert.Equal(id, (int)Ok(again[0]));
        Assert.Equal("FULL", (string?)Ok(again[1]));
        Assert.Equal("NONE", (string?)Ok(again[2]));
        Assert.Equal(id + 1, (int)Ok(again[3]));
    }

    [Fact]
    public async Task The_state_topic_is_compacted_with_one_partition_and_holds_Confluents_records()
    {
        string topic = RegistryFixture.Unique("schemas");
        await using (SchemaRegistryServer server = await SchemaRegistryServer.StartAsync(fixture.Options(topic)))
        {
            Ok((await CallAtAsync(server.Url, ["register", "people-value", Proto(Person)]))[0]);
        }

        using IAdminClient admin = fixture.Admin();
        Assert.Single(admin.GetMetadata(topic, TimeSpan.FromSeconds(10)).Topics.Single().Partitions);
        List<DescribeConfigsResult> configs = await admin.DescribeConfigsAsync([new ConfigResource { Type = ResourceType.Topic, Name = topic }]);
        Assert.Equal("compact", configs.Single().Entries["cleanup.policy"].Value);

        using IConsumer<string, string> consumer = new ConsumerBuilder<string, string>(
            new ConsumerConfig { BootstrapServers = fixture.BootstrapServers, GroupId = "test", EnableAutoCommit = false }).SetLogHandler((_, _) => { }).Build();
        consumer.Assign(new TopicPartitionOffset(topic, 0, Offset.Beginning));
        ConsumeResult<string, string> record = consumer.Consume(TimeSpan.FromSeconds(20));
        Assert.Equal("""{"keytype":"SCHEMA","subject":"people-value","version":1,"magic":1}""", record.Message.Key);
        var value = (JsonObject)JsonNode.Parse(record.Message.Value)!;
        Assert.Equal(["subject", "version", "id", "schemaType", "schema", "deleted"], value.Select(p => p.Key));
        Assert.Equal(Person, (string?)value["schema"]);
    }

    [Fact]
    public async Task Records_of_another_registry_are_read_and_unknown_ones_left_alone()
    {
        string topic = RegistryFixture.Unique("schemas");
        using (IAdminClient admin = fixture.Admin())
        {
            await admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = 1, ReplicationFactor = 1 }]);
        }

        using (IProducer<string, string> producer = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = fixture.BootstrapServers }).SetLogHandler((_, _) => { }).Build())
        {
            foreach ((string key, string? value) in new (string, string?)[]
            {
                ("""{"keytype":"NOOP","magic":0}""", null),
                ("not json", "{"),
                ("""{"keytype":"CONTEXT","tenant":"default","context":".","magic":0}""", """{"tenant":"default","context":"."}"""),
                ("""{"keytype":"SCHEMA","subject":"theirs-value","version":1,"magic":1}""",
                    """{"subject":"theirs-value","version":1,"id":41,"guid":"c1","schemaType":"PROTOBUF","schema":"syntax = \"proto3\";\npackage test;\n\nmessage Person {\n  string name = 1;\n  int32 age_years = 2;\n}\n","deleted":false}"""),
                ("""{"keytype":"SCHEMA","subject":"avro-value","version":1,"magic":1}""", """{"subject":"avro-value","version":1,"id":42,"schema":"\"string\"","deleted":false}"""),
            })
            {
                await producer.ProduceAsync(topic, new Message<string, string> { Key = key, Value = value! });
            }
        }

        await using SchemaRegistryServer server = await SchemaRegistryServer.StartAsync(fixture.Options(topic));
        JsonArray r = await CallAtAsync(server.Url, ["getId", "theirs-value", Proto(Person)], ["getLatestSchemaMetadata", "avro-value"], ["register", "new-value", Proto(PersonWithEmail)]);
        Assert.Equal(41, (int)Ok(r[0]));
        Assert.Equal("\"string\"", (string?)Ok(r[1])["schema"]);
        Assert.Equal(43, (int)Ok(r[2]));
    }

    [Fact]
    public async Task Writes_at_once_give_every_schema_its_own_id_and_every_equal_one_the_same()
    {
        using CachedSchemaRegistryClient one = fixture.Client();
        using CachedSchemaRegistryClient two = fixture.Client();
        string prefix = RegistryFixture.Unique("many");
        Schema[] schemas = [.. Enumerable.Range(1, 20).Select(i => new Schema($"syntax = \"proto3\"; package {prefix.Replace('-', '_')}; message M {{ int32 f = {i}; }}", []))];
        int[][] ids = await Task.WhenAll(new[] { one, two }.Select(client =>
            Task.WhenAll(schemas.Select((schema, i) => client.RegisterSchemaAsync($"{prefix}-{i}", schema)))));
        Assert.Equal(ids[0], ids[1]);
        Assert.Equal(20, ids[0].Distinct().Count());
    }

    [Fact]
    public async Task A_state_topic_of_two_partitions_is_refused_by_name()
    {
        string topic = RegistryFixture.Unique("schemas");
        using IAdminClient admin = fixture.Admin();
        await admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = 2, ReplicationFactor = 1 }]);
        InvalidOperationException e = await Assert.ThrowsAsync<InvalidOperationException>(() => SchemaRegistryServer.StartAsync(fixture.Options(topic)));
        Assert.Contains(topic, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_taken_port_and_an_absent_Kafka_are_named()
    {
        RegistryOptions taken = fixture.Options();
        taken.Port = new Uri(fixture.Url).Port;
        IOException e = await Assert.ThrowsAsync<IOException>(() => SchemaRegistryServer.StartAsync(taken));
        Assert.Contains($":{taken.Port}", e.Message, StringComparison.Ordinal);

        RegistryOptions absent = fixture.Options();
        absent.BootstrapServers = "127.0.0.1:1";
        absent.StartTimeoutMs = 1000;
        TimeoutException t = await Assert.ThrowsAsync<TimeoutException>(() => SchemaRegistryServer.StartAsync(absent));
        Assert.Contains("127.0.0.1:1", t.Message, StringComparison.Ordinal);
    }

    private static JsonObject Proto(string schema) => new() { ["schemaType"] = "PROTOBUF", ["schema"] = schema };

    private static JsonNode Ok(JsonNode? result) => result!["ok"] ?? throw new Xunit.Sdk.XunitException("refused: " + result.ToJsonString());

    private Task<JsonArray> CallAsync(params object[][] calls) => CallAtAsync(fixture.Url, calls);

    private static async Task<JsonArray> CallAtAsync(string url, params object[][] calls)
    {
        NodeClient.SkipIfMissing();
        var list = new JsonArray([.. calls.Select(c => (JsonNode)new JsonArray([.. c.Select(a => a as JsonNode ?? JsonValue.Create(a))]))]);
        return (JsonArray)await NodeClient.RunJsonAsync("registry/client.mjs", new JsonObject { ["registry"] = url, ["calls"] = list });
    }
}

/// <summary>On Apache Kafka, the judge.</summary>
[Collection(OnApacheKafka.Name)]
[Trait("Run", "all")] // the embedded broker's twin always runs
public sealed class RegistryTestsOnApacheKafka(ApacheKafkaRegistry fixture) : RegistryTests(fixture);

/// <summary>On the platform's own broker.</summary>
[Collection(OnEmbeddedBroker.Name)]
public sealed class RegistryTestsOnEmbeddedBroker(EmbeddedBrokerRegistry fixture) : RegistryTests(fixture);
