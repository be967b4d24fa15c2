using System.Text;

namespace StreamPlatform.Observability.Metrics;

/// <summary>
/// Names by Prometheus' rules, mapped as OpenTelemetry's Prometheus exporter does: dots become underscores, the unit is a suffix,
/// counters end in _total. Values are not converted. Source: OpenTelemetry specification, "Prometheus and OpenMetrics Compatibility".
/// </summary>
internal static class PrometheusNames
{
    public static string Metric(string instrument, string? unit, bool isCounter)
    {
        string name = Clean(instrument, allowColon: true);
        string suffix = Unit(unit);
        if (suffix.Length > 0 && !name.EndsWith(suffix, StringComparison.Ordinal) && !name.EndsWith(suffix + "_total", StringComparison.Ordinal))
        {
            name += "_" + suffix;
        }

        return isCounter && !name.EndsWith("_total", StringComparison.Ordinal) ? name + "_total" : name;
    }

    public static string Label(string tag) => Clean(tag, allowColon: false);

    /// <summary>A label's value between its quotes.</summary>
    public static string EscapeValue(string value) =>
        value.AsSpan().IndexOfAny('\\', '"', '\n') < 0
            ? value
            : value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    public static string EscapeHelp(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static string Unit(string? unit) => unit switch
    {
        null or "" or "1" => "",
        _ when unit[0] == '{' => "", // an annotation such as {record}, no unit
        "s" => "seconds",
        "ms" => "milliseconds",
        "us" => "microseconds",
        "By" => "bytes",
        "KiBy" => "kibibytes",
        "MiBy" => "mebibytes",
        "%" => "percent",
        _ => Clean(unit.Replace("/", "_per_", StringComparison.Ordinal).Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal), allowColon: false),
    };

    private static string Clean(string name, bool allowColon)
    {
        var clean = new StringBuilder(name.Length + 1);
        foreach (char c in name)
        {
            bool good = char.IsAsciiLetterOrDigit(c) || c == '_' || (allowColon && c == ':');
            if (good)
            {
                clean.Append(c);
            }
            else if (clean.Length == 0 || clean[^1] != '_')
            {
                clean.Append('_');
            }
        }

        return clean.Length == 0 || char.IsAsciiDigit(clean[0]) ? "_" + clean : clean.ToString();
    }
}
