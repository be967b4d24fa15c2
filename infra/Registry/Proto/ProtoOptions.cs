using System.Collections;
using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace StreamPlatform.Registry.Proto;

/// <summary>
/// Options by the names of descriptor.proto. Custom options (in parentheses), message-valued ones and those this version does not know
/// are no part of a schema's identity: they are read over.
/// </summary>
internal static class ProtoOptions
{
    /// <summary>Sets an option if it is a known one of a simple type.</summary>
    public static void Set(IMessage options, string name, Token value, bool negative)
    {
        FieldDescriptor? field = options.Descriptor.FindFieldByName(name);
        if (field is null || field.FieldType is FieldType.Message or FieldType.Group)
        {
            return;
        }

        object parsed = Parse(field, value, negative);
        if (field.IsRepeated)
        {
            ((IList)field.Accessor.GetValue(options)).Add(parsed);
        }
        else
        {
            field.Accessor.SetValue(options, parsed);
        }
    }

    /// <summary>The set options as "name = value", in the order of their numbers.</summary>
    public static IEnumerable<string> Print(IMessage? options)
    {
        if (options is null)
        {
            yield break;
        }

        foreach (FieldDescriptor field in options.Descriptor.Fields.InFieldNumberOrder())
        {
            if (field.FieldType is FieldType.Message or FieldType.Group || field.Name == "map_entry")
            {
                continue;
            }

            if (field.IsRepeated)
            {
                foreach (object item in (IList)field.Accessor.GetValue(options))
                {
                    yield return $"{field.Name} = {Format(field, item)}";
                }
            }
            else if (field.Accessor.HasValue(options))
            {
                yield return $"{field.Name} = {Format(field, field.Accessor.GetValue(options))}";
            }
        }
    }

    /// <summary>A string literal.</summary>
    public static string Quote(string text) =>
        "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal).Replace("\r", "\\r", StringComparison.Ordinal) + "\"";

    private static object Parse(FieldDescriptor field, Token value, bool negative)
    {
        string text = negative ? "-" + value.Value : value.Value;
        try
        {
            return field.FieldType switch
            {
                FieldType.String => value.Value,
                FieldType.Bool => bool.Parse(text),
                FieldType.Enum => Enum.ToObject(field.EnumType.ClrType, field.EnumType.FindValueByName(text)?.Number ?? throw new FormatException()),
                FieldType.Int32 => int.Parse(text, CultureInfo.InvariantCulture),
                FieldType.Double => double.Parse(text, CultureInfo.InvariantCulture),
                _ => throw new FormatException(),
            };
        }
        catch (FormatException)
        {
            throw new InvalidSchemaException($"line {value.Line}: '{text}' is no value of option {field.Name}");
        }
    }

    private static string Format(FieldDescriptor field, object value) => field.FieldType switch
    {
        FieldType.String => Quote((string)value),
        FieldType.Bool => (bool)value ? "true" : "false",
        FieldType.Enum => field.EnumType.FindValueByNumber(Convert.ToInt32(value, CultureInfo.InvariantCulture))?.Name
            ?? Convert.ToInt32(value, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
