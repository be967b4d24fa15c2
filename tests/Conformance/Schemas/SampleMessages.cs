using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using StreamPlatform.Schemas;

namespace StreamPlatform.Tests.Conformance.Schemas;

/// <summary>Messages with every field set, to values that tell fields apart.</summary>
internal static class SampleMessages
{
    /// <summary>Every message of every file of the topic catalogue, imported files included.</summary>
    public static IReadOnlyList<MessageDescriptor> Types { get; } =
        [.. Files.SelectMany(f => f.MessageTypes).OrderBy(m => m.FullName, StringComparer.Ordinal)];

    private static IEnumerable<FileDescriptor> Files =>
        Topics.All.Select(t => t.Message.File).SelectMany(f => f.Dependencies.Append(f)).Distinct();

    /// <summary>Descriptors of the files and all they import, as a FileDescriptorSet.</summary>
    public static ByteString DescriptorSet(params FileDescriptor[] more)
    {
        var set = new FileDescriptorSet();
        var done = new HashSet<string>();
        foreach (FileDescriptor file in Files.Concat(more))
        {
            Add(file, set, done);
        }

        return set.ToByteString();
    }

    public static IMessage Fill(MessageDescriptor type, int seed = 1)
    {
        IMessage message = type.Parser.ParseFrom(ByteString.Empty);
        foreach (FieldDescriptor field in type.Fields.InFieldNumberOrder())
        {
            if (field.ContainingOneof is { } oneof && oneof.Fields[0] != field)
            {
                continue; // the first of a oneof stands for it
            }

            if (field.IsMap)
            {
                ((IDictionary)field.Accessor.GetValue(message)).Add("key" + seed, "value" + seed);
            }
            else if (field.IsRepeated)
            {
                var list = (IList)field.Accessor.GetValue(message);
                list.Add(Value(field, seed));
                list.Add(Value(field, seed + 1));
            }
            else
            {
                field.Accessor.SetValue(message, Value(field, seed));
            }

            seed++;
        }

        return message;
    }

    private static object Value(FieldDescriptor field, int seed) => field.FieldType switch
    {
        FieldType.String => $"text {seed} with ü and 漢",
        FieldType.Int32 => seed * 1_000_003,
        FieldType.Int64 => 1_700_000_000_000L + seed,
        FieldType.Float => seed + 0.25f,
        FieldType.Double => seed + 0.125d,
        FieldType.Bool => true,
        FieldType.Bytes => ByteString.CopyFrom(0, 1, 0xff, (byte)seed),
        FieldType.Enum => field.EnumType.Values[^1].Number,
        FieldType.Message => Fill(field.MessageType, seed + 10),
        _ => throw new NotSupportedException($"{field.FullName}: {field.FieldType}"),
    };

    private static void Add(FileDescriptor file, FileDescriptorSet set, HashSet<string> done)
    {
        if (done.Add(file.Name))
        {
            foreach (FileDescriptor import in file.Dependencies)
            {
                Add(import, set, done);
            }

            set.File.Add(file.ToProto());
        }
    }
}
