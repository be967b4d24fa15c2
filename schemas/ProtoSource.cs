using System.Collections.Concurrent;
using System.Reflection;
using System.Text;
using Google.Protobuf.Reflection;

namespace StreamPlatform.Schemas;

/// <summary>The text of a .proto file as sent to a registry.</summary>
public static class ProtoSource
{
    private static readonly ConcurrentDictionary<string, string> Texts = new(StringComparer.Ordinal); // bounded by the files compiled in

    /// <summary>
    /// The .proto source where it is embedded in the assembly of the generated types (under the file's import path), else the
    /// base64 FileDescriptorProto, as Confluent's serializers send it.
    /// </summary>
    public static string TextOf(FileDescriptor file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return Texts.GetOrAdd(file.Name, static (name, f) => Embedded(f, name) ?? f.SerializedData.ToBase64(), file);
    }

    /// <summary>Files that every Protobuf library brings along; never registered, never referenced.</summary>
    public static bool IsWellKnown(string importPath) =>
        importPath.StartsWith("google/protobuf/", StringComparison.Ordinal)
        || importPath.StartsWith("google/type/", StringComparison.Ordinal)
        || importPath.StartsWith("confluent/", StringComparison.Ordinal);

    private static string? Embedded(FileDescriptor file, string name)
    {
        Assembly? assembly = (file.MessageTypes.FirstOrDefault()?.ClrType ?? file.EnumTypes.FirstOrDefault()?.ClrType)?.Assembly;
        using Stream? stream = assembly?.GetManifestResourceStream(name);
        if (stream is null)
        {
            return null;
        }

        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
