using Google.Protobuf;

namespace StreamPlatform.Topology.Steps;

/// <summary>Reads fields by name, of events whose schema may have them or not: a missing one is 0, empty or null.</summary>
internal static class Fields
{
    /// <summary>A number or a truth value (1, 0).</summary>
    public static double Number(IMessage? message, string field) => Value(message, field) switch
    {
        int number => number,
        long number => number,
        float number => number,
        double number => number,
        bool truth => truth ? 1 : 0,
        _ => 0,
    };

    public static string Text(IMessage? message, string field) => Value(message, field) as string ?? "";

    public static IReadOnlyList<string> Texts(IMessage? message, string field) => Value(message, field) is IEnumerable<string> texts ? [.. texts] : [];

    public static IMessage? Part(IMessage? message, string field) => Value(message, field) as IMessage;

    private static object? Value(IMessage? message, string field) => message?.Descriptor.FindFieldByName(field)?.Accessor.GetValue(message);
}
