using System.Collections.Frozen;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace StreamPlatform.Registry.Proto;

/// <summary>A schema that holds together with its imports.</summary>
/// <param name="File">Complete descriptor: type names are fully qualified.</param>
/// <param name="CanonicalText">The schema as .proto source in one fixed form, without comments: equal text = equal schema.</param>
internal sealed record CompiledSchema(FileDescriptorProto File, string CanonicalText)
{
    /// <summary>base64 of the descriptor, as Confluent's format=serialized.</summary>
    public string Serialized => Convert.ToBase64String(File.ToByteArray());
}

/// <summary>
/// Reads a schema as clients send it (.proto source, or a base64 FileDescriptorProto), checks it together with its imports, and gives
/// its descriptor and canonical text.
/// </summary>
internal static class ProtoCompiler
{
    /// <summary>Name of a file whose own name is not known, as Confluent's registry gives it.</summary>
    public const string DefaultName = "default";

    private static readonly FrozenDictionary<string, ByteString> WellKnown = new[]
    {
        AnyReflection.Descriptor, ApiReflection.Descriptor, DescriptorReflection.Descriptor, DurationReflection.Descriptor,
        EmptyReflection.Descriptor, FieldMaskReflection.Descriptor, SourceContextReflection.Descriptor, StructReflection.Descriptor,
        TimestampReflection.Descriptor, TypeReflection.Descriptor, WrappersReflection.Descriptor,
    }.ToFrozenDictionary(f => f.Name, f => f.SerializedData, StringComparer.Ordinal);

    /// <param name="schema">As sent.</param>
    /// <param name="imports">Every referenced file, by import path, those that they reference included.</param>
    /// <exception cref="InvalidSchemaException">It is no schema, or does not hold together with its imports.</exception>
    public static CompiledSchema Compile(string schema, IReadOnlyDictionary<string, FileDescriptorProto> imports)
    {
        FileDescriptorProto file = Read(schema);
        if (imports.ContainsKey(file.Name) || WellKnown.ContainsKey(file.Name))
        {
            file.Name = DefaultName;
        }

        CheckZeroEnums(file);
        foreach (DescriptorProto message in file.MessageType)
        {
            LeaveTypesOpen(message);
        }

        Resolve(file, Link(file, imports));
        FileDescriptorProto canonical = Canonical(file);
        return new(file, ProtoPrinter.Print(canonical));
    }

    private static FileDescriptorProto Read(string schema)
    {
        byte[] bytes = new byte[(schema.Length * 3 / 4) + 3];
        if (schema.Length > 0 && Convert.TryFromBase64String(schema, bytes, out int length))
        {
            try
            {
                FileDescriptorProto file = FileDescriptorProto.Parser.ParseFrom(bytes.AsSpan(0, length));
                file.SourceCodeInfo = null;
                file.Name = file.Name.Length == 0 ? DefaultName : file.Name;
                return file;
            }
            catch (InvalidProtocolBufferException e)
            {
                throw new InvalidSchemaException("base64 text is no FileDescriptorProto: " + e.Message, e);
            }
        }

        FileDescriptorProto parsed = ProtoParser.Parse(schema);
        parsed.Name = DefaultName;
        return parsed;
    }

    /// <summary>
    /// Whether a type name means a message or an enum is for the linker to find out. It takes 0 for "not known", and reads a missing type as
    /// the enum's first value, double.
    /// </summary>
    private static void LeaveTypesOpen(DescriptorProto message)
    {
        foreach (FieldDescriptorProto field in message.Field.Where(f => f.HasTypeName && !f.HasType))
        {
            field.Type = 0;
        }

        foreach (DescriptorProto nested in message.NestedType)
        {
            LeaveTypesOpen(nested);
        }
    }

    /// <summary>Lets the Protobuf library link the file with its imports: it finds unknown types, repeated numbers and names.</summary>
    private static FileDescriptor Link(FileDescriptorProto file, IReadOnlyDictionary<string, FileDescriptorProto> imports)
    {
        var ordered = new List<ByteString>();
        var done = new HashSet<string>(StringComparer.Ordinal);
        foreach (string import in file.Dependency)
        {
            AddImport(import, imports, ordered, done, file.Name);
        }

        ordered.Add(file.ToByteString());
        try
        {
            return FileDescriptor.BuildFromByteStrings(ordered)[^1];
        }
        catch (Exception e) when (e is DescriptorValidationException or ArgumentException or InvalidOperationException)
        {
            throw new InvalidSchemaException(e.Message, e);
        }
    }

    private static void AddImport(
        string name, IReadOnlyDictionary<string, FileDescriptorProto> imports, List<ByteString> ordered, HashSet<string> done, string by)
    {
        if (!done.Add(name))
        {
            return; // a cycle, if there is one, is found by the linker
        }

        if (imports.TryGetValue(name, out FileDescriptorProto? file))
        {
            foreach (string import in file.Dependency)
            {
                AddImport(import, imports, ordered, done, name);
            }

            FileDescriptorProto named = file.Clone();
            named.Name = name; // references name files by import path, whatever they called themselves
            ordered.Add(named.ToByteString());
        }
        else if (WellKnown.TryGetValue(name, out ByteString? known))
        {
            foreach (string import in FileDescriptorProto.Parser.ParseFrom(known).Dependency)
            {
                AddImport(import, imports, ordered, done, name);
            }

            ordered.Add(known);
        }
        else
        {
            throw new InvalidSchemaException($"import \"{name}\" of \"{by}\" has no reference");
        }
    }

    private static void CheckZeroEnums(FileDescriptorProto file)
    {
        if (file.Syntax != "proto3")
        {
            return;
        }

        foreach (EnumDescriptorProto type in file.EnumType.Concat(file.MessageType.SelectMany(Enums)))
        {
            if (type.Value.Count == 0 || type.Value[0].Number != 0)
            {
                throw new InvalidSchemaException($"enum {type.Name}: the first value of a proto3 enum must be 0");
            }
        }
    }

    private static IEnumerable<EnumDescriptorProto> Enums(DescriptorProto message) =>
        message.EnumType.Concat(message.NestedType.SelectMany(Enums));

    /// <summary>Writes back what linking found: full type names and whether they are messages or enums.</summary>
    private static void Resolve(FileDescriptorProto file, FileDescriptor linked)
    {
        for (int i = 0; i < file.MessageType.Count; i++)
        {
            Resolve(file.MessageType[i], linked.MessageTypes[i]);
        }

        for (int i = 0; i < file.Service.Count; i++)
        {
            for (int m = 0; m < file.Service[i].Method.Count; m++)
            {
                file.Service[i].Method[m].InputType = "." + linked.Services[i].Methods[m].InputType.FullName;
                file.Service[i].Method[m].OutputType = "." + linked.Services[i].Methods[m].OutputType.FullName;
            }
        }
    }

    private static void Resolve(DescriptorProto message, MessageDescriptor linked)
    {
        for (int i = 0; i < message.Field.Count; i++)
        {
            FieldDescriptorProto field = message.Field[i];
            if (!field.HasTypeName)
            {
                continue;
            }

            FieldDescriptor found = linked.Fields.InDeclarationOrder()[i];
            bool isEnum = found.FieldType == FieldType.Enum;
            field.Type = isEnum ? FieldDescriptorProto.Types.Type.Enum : FieldDescriptorProto.Types.Type.Message;
            field.TypeName = "." + (isEnum ? found.EnumType.FullName : found.MessageType.FullName);
        }

        for (int i = 0; i < message.NestedType.Count; i++)
        {
            Resolve(message.NestedType[i], linked.NestedTypes[i]);
        }
    }

    /// <summary>Without what says nothing: default JSON names and the place of a oneof's declaration.</summary>
    private static FileDescriptorProto Canonical(FileDescriptorProto file)
    {
        FileDescriptorProto canonical = file.Clone();
        foreach (DescriptorProto message in canonical.MessageType)
        {
            Canonicalise(message);
        }

        foreach (FieldDescriptorProto extension in canonical.Extension)
        {
            DropDefaultJsonName(extension);
        }

        return canonical;
    }

    private static void Canonicalise(DescriptorProto message)
    {
        foreach (FieldDescriptorProto field in message.Field.Concat(message.Extension))
        {
            DropDefaultJsonName(field);
        }

        foreach (DescriptorProto nested in message.NestedType)
        {
            Canonicalise(nested);
        }
    }

    private static void DropDefaultJsonName(FieldDescriptorProto field)
    {
        if (field.HasJsonName && field.JsonName == JsonName(field.Name))
        {
            field.ClearJsonName();
        }
    }

    /// <summary>lowerCamelCase as protoc makes it: the letter after an underscore is raised, underscores go.</summary>
    private static string JsonName(string name)
    {
        var json = new System.Text.StringBuilder(name.Length);
        bool raise = false;
        foreach (char c in name)
        {
            if (c == '_')
            {
                raise = true;
                continue;
            }

            json.Append(raise ? char.ToUpperInvariant(c) : c);
            raise = false;
        }

        return json.ToString();
    }
}
