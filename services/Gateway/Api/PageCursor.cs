using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace StreamPlatform.Gateway.Api;

/// <summary>Where the next page of a list begins: after the row of this time and key, whatever was added meanwhile. As text "MILLISECONDS,KEY".</summary>
/// <param name="AtMs">Unix milliseconds; null = the list's beginning.</param>
internal sealed record PageCursor(long? AtMs, string Key)
{
    private const int MaxKeyChars = 300;

    /// <summary>Empty text is the beginning; null when the text is no cursor.</summary>
    public static PageCursor? Parse(string text)
    {
        var comma = text.IndexOf(',', StringComparison.Ordinal);
        return text.Length == 0 ? new(null, "")
            : comma > 0 && text.Length - comma - 1 is > 0 and <= MaxKeyChars && long.TryParse(text.AsSpan(0, comma), NumberStyles.None, CultureInfo.InvariantCulture, out var ms) ? new(ms, text[(comma + 1)..])
            : null;
    }

    /// <summary>Names the next page in the Link header (RFC 8288).</summary>
    /// <param name="response">Whose header.</param>
    /// <param name="path">Path and query of the list, without cursor; what users gave is escaped already.</param>
    public void LinkNext(HttpResponse response, string path) =>
        response.Headers.Link = string.Create(CultureInfo.InvariantCulture, $"<{path}&before={AtMs},{Uri.EscapeDataString(Key)}>; rel=\"next\"");
}
