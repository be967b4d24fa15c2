namespace StreamPlatform.Media.Objects;

/// <summary>Where objects are kept: a directory, or a bucket as s3://BUCKET[/PREFIX]?endpoint=URL&amp;region=NAME. Holds no credentials, so it may be logged.</summary>
/// <param name="Directory">Empty for a bucket.</param>
/// <param name="Bucket">Empty for a directory.</param>
/// <param name="Prefix">Put before every key of the bucket; empty or 1..4 parts of letters, digits, '-' and '_'.</param>
/// <param name="Endpoint">Address of an S3-compatible server, addressed path-style; null = Amazon's of the region.</param>
/// <param name="Region">Default us-east-1.</param>
public sealed record MediaLocation(string Directory, string Bucket, string Prefix, Uri? Endpoint, string Region)
{
    private const string Scheme = "s3://";

    public bool IsS3 => Bucket.Length > 0;

    /// <param name="text">A directory or an s3:// address.</param>
    /// <exception cref="ArgumentException">Says what it takes.</exception>
    public static MediaLocation Parse(string text)
    {
        if (!text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return text.Length > 0 && !text.Contains("://", StringComparison.Ordinal) && text.IndexOf('\0', StringComparison.Ordinal) < 0
                ? new(Path.GetFullPath(text), "", "", null, "")
                : throw Wrong(text, "it is neither a directory nor s3://");
        }

        var query = text.IndexOf('?', StringComparison.Ordinal);
        var place = (query < 0 ? text : text[..query])[Scheme.Length..].TrimEnd('/');
        var slash = place.IndexOf('/', StringComparison.Ordinal);
        var (bucket, prefix) = slash < 0 ? (place, "") : (place[..slash], place[(slash + 1)..]);
        if (bucket.Length is < 3 or > 63 || !bucket.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.'))
        {
            throw Wrong(text, "a bucket's name has 3 to 63 lower-case letters, digits, '-' and '.'");
        }

        try
        {
            _ = prefix.Length == 0 ? "" : ObjectName.CheckPrefix(prefix);
        }
        catch (InvalidDataException e)
        {
            throw Wrong(text, e.Message);
        }

        Uri? endpoint = null;
        var region = "us-east-1";
        foreach (var pair in query < 0 ? [] : text[(query + 1)..].Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            var value = equals < 0 ? "" : Uri.UnescapeDataString(pair[(equals + 1)..]);
            switch (equals < 0 ? pair : pair[..equals])
            {
                case "endpoint" when Uri.TryCreate(value, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && address.UserInfo.Length == 0:
                    endpoint = new Uri(value);
                    break;
                case "region" when value.Length is > 0 and <= 40 && value.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'):
                    region = value;
                    break;
                default:
                    throw Wrong(text, "after '?' it takes endpoint=http(s)://HOST:PORT and region=NAME; credentials come from the environment");
            }
        }

        return new("", bucket, prefix, endpoint, region);
    }

    // What was given may hold a secret that somebody put where it does not belong: only its beginning is repeated.
    private static ArgumentException Wrong(string text, string why) =>
        new($"--media is '{text.Split('?', '@')[0]}': {why}; it takes a directory, or s3://BUCKET/PREFIX?endpoint=https://HOST:PORT&region=NAME");
}
