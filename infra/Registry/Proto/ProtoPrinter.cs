using System.Text;
using Google.Protobuf.Reflection;
using static Google.Protobuf.Reflection.FieldDescriptorProto.Types;

namespace StreamPlatform.Registry.Proto;

/// <summary>Writes a FileDescriptorProto as .proto source, always in the same form: two files with the same meaning give the same text.</summary>
internal sealed class ProtoPrinter
{
    private readonly StringBuilder text = new();
    private readonly bool proto3;
    private int indent;

    private ProtoPrinter(FileDescriptorProto file) => proto3 = file.Syntax == "proto3";

    public static string Print(FileDescriptorProto file)
    {
        var printer = new ProtoPrinter(file);
        printer.File(file);
        return printer.text.ToString();
    }

    private void File(FileDescriptorProto file)
    {
        Line($"syntax = \"{(proto3 ? "proto3" : "proto2")}\";");
        if (file.Package.Length > 0)
        {
            Line($"package {file.Package};");
        }

        for (int i = 0; i < file.Dependency.Count; i++)
        {
            string modifier = file.PublicDependency.Contains(i) ? "public " : file.WeakDependency.Contains(i) ? "weak " : "";
            Line($"import {modifier}{ProtoOptions.Quote(file.Dependency[i])};");
        }

        OptionLines(file.Options);
        foreach (DescriptorProto message in file.MessageType)
        {
            Message(message);
        }

        foreach (EnumDescriptorProto type in file.EnumType)
        {
            EnumType(type);
        }

        Extensions(file.Extension);
        foreach (ServiceDescriptorProto service in file.Service)
        {
            Service(service);
        }
    }

    private void Message(DescriptorProto message)
    {
        Open($"message {message.Name}");
        OptionLines(message.Options);
        Dictionary<string, DescriptorProto> maps = message.NestedType.Where(n => n.Options?.MapEntry == true).ToDictionary(n => n.Name, StringComparer.Ordinal);
        int openOneof = -1;
        foreach (FieldDescriptorProto field in message.Field)
        {
            int oneof = field.HasOneofIndex && !field.Proto3Optional ? field.OneofIndex : -1;
            if (oneof != openOneof)
            {
                if (openOneof >= 0)
                {
                    Close();
                }

                if (oneof >= 0)
                {
                    Open($"oneof {message.OneofDecl[oneof].Name}");
                    OptionLines(message.OneofDecl[oneof].Options);
                }

                openOneof = oneof;
            }

            Field(field, maps, oneof >= 0);
        }

        if (openOneof >= 0)
        {
            Close();
        }

        foreach (DescriptorProto nested in message.NestedType.Where(n => n.Options?.MapEntry != true))
        {
            Message(nested);
        }

        foreach (EnumDescriptorProto type in message.EnumType)
        {
            EnumType(type);
        }

        foreach (DescriptorProto.Types.ExtensionRange range in message.ExtensionRange)
        {
            Line($"extensions {Range(range.Start, range.End - 1, 536_870_911)};");
        }

        Extensions(message.Extension);
        foreach (DescriptorProto.Types.ReservedRange range in message.ReservedRange)
        {
            Line($"reserved {Range(range.Start, range.End - 1, 536_870_911)};");
        }

        foreach (string name in message.ReservedName)
        {
            Line($"reserved {ProtoOptions.Quote(name)};");
        }

        Close();
    }

    private void Field(FieldDescriptorProto field, Dictionary<string, DescriptorProto> maps, bool inOneof)
    {
        string type;
        if (field.HasTypeName && field.Label == Label.Repeated && maps.TryGetValue(field.TypeName[(field.TypeName.LastIndexOf('.') + 1)..], out DescriptorProto? entry))
        {
            type = $"map<{TypeName(entry.Field[0])}, {TypeName(entry.Field[1])}>";
        }
        else
        {
            string label = field.Label switch
            {
                Label.Repeated => "repeated ",
                Label.Required => "required ",
                _ => field.Proto3Optional || (!proto3 && !inOneof) ? "optional " : "",
            };
            type = label + TypeName(field);
        }

        var options = new List<string>();
        if (field.HasDefaultValue)
        {
            options.Add("default = " + (field.Type is FieldDescriptorProto.Types.Type.String or FieldDescriptorProto.Types.Type.Bytes
                ? ProtoOptions.Quote(field.DefaultValue) : field.DefaultValue));
        }

        if (field.HasJsonName)
        {
            options.Add("json_name = " + ProtoOptions.Quote(field.JsonName));
        }

        options.AddRange(ProtoOptions.Print(field.Options));
        Line($"{type} {field.Name} = {field.Number}{Bracket(options)};");
    }

    private void Extensions(IEnumerable<FieldDescriptorProto> extensions)
    {
        foreach (IGrouping<string, FieldDescriptorProto> group in extensions.GroupBy(e => e.Extendee, StringComparer.Ordinal))
        {
            Open($"extend {group.Key}");
            foreach (FieldDescriptorProto field in group)
            {
                Field(field, [], inOneof: false);
            }

            Close();
        }
    }

    private void EnumType(EnumDescriptorProto type)
    {
        Open($"enum {type.Name}");
        OptionLines(type.Options);
        foreach (EnumValueDescriptorProto value in type.Value)
        {
            Line($"{value.Name} = {value.Number}{Bracket([.. ProtoOptions.Print(value.Options)])};");
        }

        foreach (EnumDescriptorProto.Types.EnumReservedRange range in type.ReservedRange)
        {
            Line($"reserved {Range(range.Start, range.End, int.MaxValue)};");
        }

        foreach (string name in type.ReservedName)
        {
            Line($"reserved {ProtoOptions.Quote(name)};");
        }

        Close();
    }

    private void Service(ServiceDescriptorProto service)
    {
        Open($"service {service.Name}");
        OptionLines(service.Options);
        foreach (MethodDescriptorProto method in service.Method)
        {
            string rpc = $"rpc {method.Name} ({(method.ClientStreaming ? "stream " : "")}{method.InputType}) "
                + $"returns ({(method.ServerStreaming ? "stream " : "")}{method.OutputType})";
            string[] options = [.. ProtoOptions.Print(method.Options)];
            if (options.Length == 0)
            {
                Line(rpc + ";");
                continue;
            }

            Open(rpc);
            OptionLines(method.Options);
            Close();
        }

        Close();
    }

    private static string TypeName(FieldDescriptorProto field) =>
        field.HasTypeName ? field.TypeName : field.Type.ToString().ToLowerInvariant();

    private static string Range(int start, int end, int max) => end == start ? $"{start}" : end == max ? $"{start} to max" : $"{start} to {end}";

    private static string Bracket(IReadOnlyCollection<string> options) => options.Count == 0 ? "" : $" [{string.Join(", ", options)}]";

    private void OptionLines(Google.Protobuf.IMessage? options)
    {
        foreach (string option in ProtoOptions.Print(options))
        {
            Line($"option {option};");
        }
    }

    private void Open(string head)
    {
        Line(head + " {");
        indent++;
    }

    private void Close()
    {
        indent--;
        Line("}");
    }

    private void Line(string line) => text.Append(' ', indent * 2).Append(line).Append('\n');
}
