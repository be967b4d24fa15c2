using System.Security.Cryptography;
using System.Text;

namespace StreamPlatform.TestProvider;

/// <summary>One request as it arrived.</summary>
/// <param name="Number">1 for the first of all.</param>
/// <param name="At">When its body had been read.</param>
/// <param name="Endpoint">"chat", "audio", "speech" or "models".</param>
/// <param name="KeyHash">First 12 hexadecimal digits of the key's SHA-256; empty without a key.</param>
/// <param name="Model">As asked for.</param>
/// <param name="Task">Name of the JSON schema; empty when free text was asked for.</param>
/// <param name="Body">JSON of the request; of audio, the number of bytes.</param>
/// <param name="Fault">What was done instead of answering; empty = answered.</param>
public sealed record RecordedRequest(long Number, DateTimeOffset At, string Endpoint, string KeyHash, string Model, string Task, string Body, string Fault)
{
    /// <summary>As <see cref="KeyHash"/> shows a key.</summary>
    public static string Hash(string key) =>
        key.Length == 0 ? "" : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))[..12];
}
