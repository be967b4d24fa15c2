using Google.Protobuf;
using Google.Protobuf.Reflection;
using static Google.Protobuf.Reflection.FieldDescriptorProto.Types;

namespace StreamPlatform.Registry.Proto;

/// <summary>
/// Parses .proto source (proto2 and proto3; no groups, no editions) into a FileDescriptorProto as protoc would, with type names as
/// written: <see cref="ProtoCompiler"/> resolves them. Source: the Protobuf language specifications for proto2 and proto3.
/// </summary>
internal sealed partial class ProtoParser
{
    private const int MaxReserved = 536_870_912; // exclusive end of "max" in messages
    private const int MaxDepth = 32;

    private static readonly Dictionary<string, FieldDescriptorProto.Types.Type> Scalars = new(StringComparer.Ordinal)
    {
        ["double"] = FieldDescriptorProto.Types.Type.Double, ["float"] = FieldDescriptorProto.Types.Type.Float,
        ["int32"] = FieldDescriptorProto.Types.Type.Int32, ["int64"] = FieldDescriptorProto.Types.Type.Int64,
        ["uint32"] = FieldDescriptorProto.Types.Type.Uint32, ["uint64"] = FieldDescriptorProto.Types.Type.Uint64,
        ["sint32"] = FieldDescriptorProto.Types.Type.Sint32, ["sint64"] = FieldDescriptorProto.Types.Type.Sint64,
        ["fixed32"] = FieldDescriptorProto.Types.Type.Fixed32, ["fixed64"] = FieldDescriptorProto.Types.Type.Fixed64,
        ["sfixed32"] = FieldDescriptorProto.Types.Type.Sfixed32, ["sfixed64"] = FieldDescriptorProto.Types.Type.Sfixed64,
        ["bool"] = FieldDescriptorProto.Types.Type.Bool, ["string"] = FieldDescriptorProto.Types.Type.String,
        ["bytes"] = FieldDescriptorProto.Types.Type.Bytes,
    };

    private readonly List<Token> tokens;
    private readonly FileDescriptorProto file = new();
    private int position;
    private int depth;

    private ProtoParser(string source) => tokens = ProtoTokenizer.Tokenize(source);

    private Token Current => tokens[position];

    private bool IsProto3 => file.Syntax == "proto3";

    /// <exception cref="InvalidSchemaException">No .proto source; the message names the line.</exception>
    public static FileDescriptorProto Parse(string source) => new ProtoParser(source).ParseFile();

    private FileDescriptorProto ParseFile()
    {
        if (TryTake("syntax"))
        {
            Expect("=");
            string syntax = ExpectText();
            file.Syntax = syntax is "proto2" or "proto3" ? syntax : throw Error($"syntax \"{syntax}\" is neither proto2 nor proto3");
            Expect(";");
        }

        while (Current.Kind != TokenKind.End)
        {
            ParseTopLevel();
        }

        return file;
    }

    private void ParseTopLevel()
    {
        switch (Current.Value)
        {
            case ";":
                position++;
                break;
            case "package":
                position++;
                file.Package = ExpectQualified();
                Expect(";");
                break;
            case "import":
                ParseImport();
                break;
            case "option":
                ParseOptionStatement(file.Options ??= new());
                break;
            case "message":
                file.MessageType.Add(ParseMessage());
                break;
            case "enum":
                file.EnumType.Add(ParseEnum());
                break;
            case "service":
                file.Service.Add(ParseService());
                break;
            case "extend":
                ParseExtend(file.Extension);
                break;
            case "edition":
                throw Error("editions are not supported: use syntax = \"proto3\"");
            default:
                throw Unexpected("a message, enum, service, import, package or option");
        }
    }

    private void ParseImport()
    {
        position++;
        bool isPublic = TryTake("public");
        if (!isPublic && TryTake("weak"))
        {
            file.WeakDependency.Add(file.Dependency.Count);
        }

        if (isPublic)
        {
            file.PublicDependency.Add(file.Dependency.Count);
        }

        file.Dependency.Add(ExpectText());
        Expect(";");
    }

    private DescriptorProto ParseMessage()
    {
        position++;
        if (++depth > MaxDepth)
        {
            throw Error($"messages are nested deeper than {MaxDepth}");
        }

        var message = new DescriptorProto { Name = ExpectIdentifier() };
        Expect("{");
        while (!TryTake("}"))
        {
            ParseMessageMember(message);
        }

        AddSyntheticOneofs(message);
        depth--;
        return message;
    }

    private void ParseMessageMember(DescriptorProto message)
    {
        // a keyword may also be the name of a field's type; then no name and '{' or number follows it
        switch (Current.Value)
        {
            case ";":
                position++;
                break;
            case "message" when IsBlock():
                message.NestedType.Add(ParseMessage());
                break;
            case "enum" when IsBlock():
                message.EnumType.Add(ParseEnum());
                break;
            case "extend":
                ParseExtend(message.Extension);
                break;
            case "oneof" when IsBlock():
                ParseOneof(message);
                break;
            case "option":
                ParseOptionStatement(message.Options ??= new());
                break;
            case "reserved":
                ParseReserved(message.ReservedName, (start, end) => message.ReservedRange.Add(new DescriptorProto.Types.ReservedRange { Start = start, End = end + 1 }), MaxReserved - 1);
                break;
            case "extensions":
                position++;
                ParseRanges((start, end) => message.ExtensionRange.Add(new DescriptorProto.Types.ExtensionRange { Start = start, End = end + 1 }), MaxReserved - 1);
                if (Current.Value == "[")
                {
                    ParseBracketOptions((_, _, _) => { });
                }

                Expect(";");
                break;
            case "map" when tokens[position + 1].Value == "<":
                message.Field.Add(ParseMap(message));
                break;
            default:
                message.Field.Add(ParseField(inOneof: false));
                break;
        }
    }

    private bool IsBlock() => tokens[position + 1].Kind == TokenKind.Identifier && tokens[position + 2].Value == "{";

    private void ParseOneof(DescriptorProto message)
    {
        position++;
        var oneof = new OneofDescriptorProto { Name = ExpectIdentifier() };
        int index = message.OneofDecl.Count;
        message.OneofDecl.Add(oneof);
        Expect("{");
        while (!TryTake("}"))
        {
            if (TryTake(";"))
            {
                continue;
            }

            if (Current.Value == "option")
            {
                ParseOptionStatement(oneof.Options ??= new());
                continue;
            }

            FieldDescriptorProto field = ParseField(inOneof: true);
            field.OneofIndex = index;
            message.Field.Add(field);
        }
    }

    private FieldDescriptorProto ParseField(bool inOneof)
    {
        var field = new FieldDescriptorProto { Label = Label.Optional };
        if (!inOneof && Current.Value is "repeated" or "optional" or "required")
        {
            switch (tokens[position++].Value)
            {
                case "repeated":
                    field.Label = Label.Repeated;
                    break;
                case "required" when IsProto3:
                    throw Error("proto3 has no required fields");
                case "required":
                    field.Label = Label.Required;
                    break;
                case "optional" when IsProto3:
                    field.Proto3Optional = true;
                    break;
            }
        }
        else if (!inOneof && !IsProto3 && Current.Kind == TokenKind.Identifier && tokens[position + 1].Kind == TokenKind.Identifier)
        {
            throw Error("a proto2 field needs optional, required or repeated");
        }

        if (Current.Value == "group")
        {
            throw Error("groups are not supported");
        }

        SetType(field, ExpectQualified());
        ParseFieldEnd(field);
        return field;
    }

    private FieldDescriptorProto ParseMap(DescriptorProto message)
    {
        position++;
        Expect("<");
        string keyType = ExpectQualified();
        Expect(",");
        string valueType = ExpectQualified();
        Expect(">");

        var field = new FieldDescriptorProto { Label = Label.Repeated };
        ParseFieldEnd(field);
        var entry = new DescriptorProto { Name = MapEntryName(field.Name), Options = new() { MapEntry = true } };
        entry.Field.Add(new FieldDescriptorProto { Name = "key", Number = 1, Label = Label.Optional });
        entry.Field.Add(new FieldDescriptorProto { Name = "value", Number = 2, Label = Label.Optional });
        SetType(entry.Field[0], keyType);
        SetType(entry.Field[1], valueType);
        message.NestedType.Add(entry);
        field.TypeName = entry.Name;
        field.Type = FieldDescriptorProto.Types.Type.Message;
        return field;
    }

    /// <summary>Name, number and options: everything after a field's type.</summary>
    private void ParseFieldEnd(FieldDescriptorProto field)
    {
        field.Name = ExpectIdentifier();
        Expect("=");
        field.Number = ExpectInt();
        if (Current.Value == "[")
        {
            ParseBracketOptions((name, value, negative) =>
            {
                switch (name)
                {
                    case "default":
                        field.DefaultValue = (negative ? "-" : "") + value.Value;
                        break;
                    case "json_name":
                        field.JsonName = value.Value;
                        break;
                    default:
                        ProtoOptions.Set(field.Options ??= new(), name, value, negative);
                        break;
                }
            });
        }

        Expect(";");
    }

    private EnumDescriptorProto ParseEnum()
    {
        position++;
        var type = new EnumDescriptorProto { Name = ExpectIdentifier() };
        Expect("{");
        while (!TryTake("}"))
        {
            if (TryTake(";"))
            {
                continue;
            }

            if (Current.Value == "option" && tokens[position + 1].Value != "=")
            {
                ParseOptionStatement(type.Options ??= new());
            }
            else if (Current.Value == "reserved" && tokens[position + 1].Value != "=")
            {
                ParseReserved(type.ReservedName, (start, end) => type.ReservedRange.Add(new EnumDescriptorProto.Types.EnumReservedRange { Start = start, End = end }), int.MaxValue);
            }
            else
            {
                var value = new EnumValueDescriptorProto { Name = ExpectIdentifier() };
                Expect("=");
                value.Number = ExpectInt();
                if (Current.Value == "[")
                {
                    ParseBracketOptions((name, v, negative) => ProtoOptions.Set(value.Options ??= new(), name, v, negative));
                }

                Expect(";");
                type.Value.Add(value);
            }
        }

        return type;
    }

    private void ParseExtend(ICollection<FieldDescriptorProto> extensions)
    {
        position++;
        string extendee = ExpectQualified();
        Expect("{");
        while (!TryTake("}"))
        {
            if (!TryTake(";"))
            {
                FieldDescriptorProto field = ParseField(inOneof: false);
                field.Extendee = extendee;
                extensions.Add(field);
            }
        }
    }

    private void ParseReserved(ICollection<string> names, Action<int, int> addRange, int max)
    {
        position++;
        if (Current.Kind == TokenKind.Text)
        {
            do
            {
                names.Add(ExpectText());
            }
            while (TryTake(","));
        }
        else
        {
            ParseRanges(addRange, max);
        }

        Expect(";");
    }

    private void ParseRanges(Action<int, int> add, int max)
    {
        do
        {
            int start = ExpectInt();
            int end = start;
            if (TryTake("to"))
            {
                end = TryTake("max") ? max : ExpectInt();
            }

            add(start, end);
        }
        while (TryTake(","));
    }

    /// <summary>proto3 "optional" is a oneof of one field, after all real ones.</summary>
    private static void AddSyntheticOneofs(DescriptorProto message)
    {
        foreach (FieldDescriptorProto field in message.Field.Where(f => f.Proto3Optional))
        {
            field.OneofIndex = message.OneofDecl.Count;
            message.OneofDecl.Add(new OneofDescriptorProto { Name = "_" + field.Name });
        }
    }

    private static void SetType(FieldDescriptorProto field, string type)
    {
        if (Scalars.TryGetValue(type, out FieldDescriptorProto.Types.Type scalar))
        {
            field.Type = scalar;
        }
        else
        {
            field.TypeName = type; // message or enum: not known before resolution
        }
    }

    internal static string MapEntryName(string fieldName) =>
        string.Concat(fieldName.Split('_').Select(p => p.Length == 0 ? "" : char.ToUpperInvariant(p[0]) + p[1..])) + "Entry";
}
