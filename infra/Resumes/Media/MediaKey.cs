using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace StreamPlatform.Resumes.Media;

/// <summary>Names of files: ab/abcd...-owner, the SHA-256 of the content and 128 bits of that of the owner. No part of a name comes from outside, so none can lead elsewhere.</summary>
internal static partial class MediaKey
{
    public static string Of(string sha256, string owner) =>
        $"{sha256[..2]}/{sha256}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(owner)))[..32]}";

    /// <summary>The content's SHA-256.</summary>
    /// <exception cref="InvalidDataException">It is no key.</exception>
    public static string Sha256Of(string key) =>
        Form().IsMatch(key) && key.AsSpan(0, 2).SequenceEqual(key.AsSpan(3, 2)) ? key[3..67] : throw new InvalidDataException("this is no key of the media store");

    [GeneratedRegex(@"\A[0-9a-f]{2}/[0-9a-f]{64}-[0-9a-f]{32}\z")]
    private static partial Regex Form();
}
