using System.Reflection;
using System.Runtime.CompilerServices;

namespace Cassandra;

/// <summary>Values by name in an object of an anonymous type, <c>new { id, name }</c>: the official driver takes it wherever it takes values by position.</summary>
internal static class NamedValues
{
    /// <summary>Whether these values are one such object.</summary>
    public static bool Are(object?[] values) =>
        values is [{ } only] && only.GetType() is { IsGenericType: true, Namespace: null } type && type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false)
        && type.Name.Contains("AnonymousType", StringComparison.Ordinal);

    /// <summary>The names, in lower case as the server knows what is not quoted, and the values in the same order.</summary>
    public static (string[] Names, object?[] Values) Of(object named)
    {
        PropertyInfo[] properties = named.GetType().GetProperties();
        return ([.. properties.Select(property => property.Name.ToLowerInvariant())], [.. properties.Select(property => property.GetValue(named))]);
    }

    /// <summary>The values in the order of these names, whatever their case; a name that the object lacks is left unset.</summary>
    public static object?[] InOrderOf(IEnumerable<string> names, object named)
    {
        Dictionary<string, object?> byName = named.GetType().GetProperties()
            .ToDictionary(property => property.Name, property => property.GetValue(named), StringComparer.OrdinalIgnoreCase);
        return [.. names.Select(name => byName.TryGetValue(name, out object? value) ? value : Unset.Value)];
    }
}
