using System.Text.RegularExpressions;

namespace StreamPlatform.Media.Objects;

/// <summary>Names of objects: 1..4 parts of letters, digits, '-' and '_', then the SHA-256 of the content. Nothing else gets through, so no name leads out of its store.</summary>
internal static partial class ObjectName
{
    /// <summary>Longest part of a prefix, characters: what every file system takes.</summary>
    public const int MaxPart = 128;

    private const int HashChars = 64;

    /// <exception cref="InvalidDataException">It is no prefix.</exception>
    public static string CheckPrefix(string prefix) =>
        Prefix().IsMatch(prefix) ? prefix : throw new InvalidDataException("this is no prefix of the object store: it takes 1 to 4 parts of letters, digits, '-' and '_', joined by '/'");

    /// <summary>The content's SHA-256, lower-case hexadecimal.</summary>
    /// <exception cref="InvalidDataException">It is no key.</exception>
    public static string Sha256Of(string key)
    {
        var slash = key.Length - HashChars - 1;
        return slash > 0 && key[slash] == '/' && Prefix().IsMatch(key[..slash]) && Hash().IsMatch(key[(slash + 1)..])
            ? key[(slash + 1)..]
            : throw new InvalidDataException("this is no key of the object store");
    }

    public static string Of(string prefix, string sha256) => $"{prefix}/{sha256}";

    /// <summary>False for what lies in a store without being one of its objects.</summary>
    public static bool IsKey(string text)
    {
        try
        {
            Sha256Of(text);
            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    [GeneratedRegex(@"\A[A-Za-z0-9_-]{1,128}(/[A-Za-z0-9_-]{1,128}){0,3}\z")]
    private static partial Regex Prefix();

    [GeneratedRegex(@"\A[0-9a-f]{64}\z")]
    private static partial Regex Hash();
}
