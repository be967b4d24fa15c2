using System.Text.RegularExpressions;
using Google.Protobuf.Reflection;
using StreamPlatform.Schemas;
using StreamPlatform.Tests.Unit.House;

namespace StreamPlatform.Tests.Unit.Schemas;

/// <summary>What every .proto of the project keeps to.</summary>
public sealed partial class ProtoFilesTests
{
    public static TheoryData<string> Files =>
        [.. Directory.GetFiles(Repository.File("schemas/streamplatform/v1"), "*.proto").Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];

    private static IEnumerable<FileDescriptor> Descriptors => Topics.All.Select(t => t.Message.File).SelectMany(f => f.Dependencies.Append(f)).Distinct();

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_field_has_a_comment(string file)
    {
        string[] lines = File.ReadAllLines(Repository.File("schemas/streamplatform/v1/" + file));
        bool inEnum = false;
        int fields = 0;
        for (int i = 0; i < lines.Length; i++)
        {
            inEnum = lines[i].StartsWith("enum ", StringComparison.Ordinal) || (inEnum && !lines[i].StartsWith('}'));
            if (inEnum || !Field().IsMatch(lines[i]))
            {
                continue;
            }

            fields++;
            Assert.True(
                lines[i].Contains("// ", StringComparison.Ordinal) || lines[i - 1].TrimStart().StartsWith("// ", StringComparison.Ordinal),
                $"{file}:{i + 1}: no comment: {lines[i].Trim()}");
        }

        Assert.True(fields > 0, $"{file}: no fields found");
    }

    [Fact]
    public void Every_enum_starts_with_UNSPECIFIED_as_0()
    {
        EnumDescriptor[] enums = [.. Descriptors.SelectMany(f => f.EnumTypes)];
        Assert.NotEmpty(enums);
        Assert.All(enums, e => Assert.True(
            e.FindValueByNumber(0)?.Name.EndsWith("_UNSPECIFIED", StringComparison.Ordinal) == true, $"{e.FullName}: value 0 is no ..._UNSPECIFIED"));
    }

    [Fact]
    public void Every_file_of_the_catalogue_is_embedded_as_source() =>
        Assert.All(Descriptors, f => Assert.StartsWith("syntax = \"proto3\";", ProtoSource.TextOf(f), StringComparison.Ordinal));

    /// <summary>npm @confluentinc/schemaregistry 1.10 fetches the imports of an import as source and then cannot read them.</summary>
    [Fact]
    public void Imports_do_not_import() =>
        Assert.All(Descriptors.SelectMany(f => f.Dependencies), import => Assert.Empty(import.Dependencies));

    [Fact]
    public void Dead_letters_of_biometric_topics_live_no_longer_than_the_topics()
    {
        IReadOnlyList<Confluent.Kafka.Admin.TopicSpecification> topics = TopicCatalogue.Specifications(new());
        Assert.Equal("86400000", topics.Single(t => t.Name == "capture.frames.v1.dlq").Configs["retention.ms"]);
        Assert.Equal("604800000", topics.Single(t => t.Name == "interview.answers.v1.dlq").Configs["retention.ms"]);
        Assert.DoesNotContain(topics, t => t.Name == "notifications.v1.dlq");
        Assert.All(topics, t => Assert.Equal(12, t.NumPartitions));
    }

    [GeneratedRegex(@"^\s+(repeated |optional )?[\w.<>, ]+ \w+ = \d+;")]
    private static partial Regex Field();
}
