using System.Globalization;
using System.Text;

namespace StreamPlatform.Observability.Metrics;

/// <summary>
/// Writes label sets as name="value",... sorted by name, so that the same tags in another order are the same series. A tag of the
/// measurement wins over one of the meter.
/// </summary>
internal static class LabelText
{
    private const int MaxLabels = 16;

    [ThreadStatic]
    private static StringBuilder? builder;

    [ThreadStatic]
    private static char[]? buffer;

    /// <summary>The text is valid until the thread's next call.</summary>
    public static ReadOnlySpan<char> Of(KeyValuePair<string, object?>[] fixedTags, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (fixedTags.Length == 0 && tags.Length == 0)
        {
            return default;
        }

        // few labels: insertion into an array beats any set
        var sorted = new KeyValuePair<string, object?>[Math.Min(MaxLabels, fixedTags.Length + tags.Length)];
        int count = 0;
        foreach (KeyValuePair<string, object?> tag in tags)
        {
            Insert(sorted, ref count, tag);
        }

        foreach (KeyValuePair<string, object?> tag in fixedTags)
        {
            Insert(sorted, ref count, tag);
        }

        StringBuilder text = builder ??= new();
        text.Clear();
        for (int i = 0; i < count; i++)
        {
            text.Append(i > 0 ? "," : "").Append(PrometheusNames.Label(sorted[i].Key)).Append("=\"")
                .Append(PrometheusNames.EscapeValue(Convert.ToString(sorted[i].Value, CultureInfo.InvariantCulture) ?? "")).Append('"');
        }

        if (buffer is null || buffer.Length < text.Length)
        {
            buffer = new char[Math.Max(256, text.Length * 2)];
        }

        text.CopyTo(0, buffer, text.Length);
        return buffer.AsSpan(0, text.Length);
    }

    private static void Insert(KeyValuePair<string, object?>[] sorted, ref int count, KeyValuePair<string, object?> tag)
    {
        int at = count;
        for (int i = 0; i < count; i++)
        {
            int order = string.CompareOrdinal(sorted[i].Key, tag.Key);
            if (order == 0)
            {
                return;
            }

            if (order > 0)
            {
                at = i;
                break;
            }
        }

        if (count == sorted.Length)
        {
            return;
        }

        Array.Copy(sorted, at, sorted, at + 1, count - at);
        sorted[at] = tag;
        count++;
    }
}
