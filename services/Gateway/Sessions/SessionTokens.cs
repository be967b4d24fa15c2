using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace StreamPlatform.Gateway.Sessions;

/// <summary>Signs and checks session tokens: <c>v1.SESSION.EXPIRY.MAC</c>, expiry in Unix seconds, MAC = base64url(HMAC-SHA256(key, "v1.SESSION.EXPIRY")).</summary>
public sealed class SessionTokens
{
    private const string Version = "v1";
    private readonly byte[] key;
    private readonly long lifetimeMs;
    private readonly TimeProvider time;

    public SessionTokens(GatewayOptions options, TimeProvider time)
    {
        key = options.TokenKey ?? TokenKeyFile.ReadOrCreate(options.DataDirectory);
        lifetimeMs = options.TokenLifetimeMs;
        this.time = time;
    }

    /// <summary>A token for <paramref name="sessionId"/> that is good for the configured lifetime.</summary>
    public string Issue(string sessionId)
    {
        var expiry = (time.GetUtcNow().ToUnixTimeMilliseconds() + lifetimeMs) / 1000;
        var signed = string.Create(CultureInfo.InvariantCulture, $"{Version}.{sessionId}.{expiry}");
        return signed + "." + Sign(signed);
    }

    /// <summary>The session of a good token, or why it is not good.</summary>
    public (string? SessionId, Refusal? Refusal) Check(string? token)
    {
        if (string.IsNullOrEmpty(token))
        {
            return (null, new(RefusalCodes.InvalidToken, "The session token is missing: pass the one from POST /api/sessions as ?token=."));
        }

        var parts = token.Length > 512 ? [] : token.Split('.');
        if (parts.Length != 4 || parts[0] != Version
            || !long.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var expiry)
            || !Matches(token[..token.LastIndexOf('.')], parts[3]))
        {
            return (null, new(RefusalCodes.InvalidToken, "The session token is not one of this gateway: use the one from POST /api/sessions, unchanged."));
        }

        return time.GetUtcNow().ToUnixTimeSeconds() >= expiry
            ? (null, new(RefusalCodes.ExpiredToken, "The session token has expired: start a new session with POST /api/sessions."))
            : (parts[1], null);
    }

    private bool Matches(string signed, string mac) =>
        CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Sign(signed)), Encoding.UTF8.GetBytes(mac));

    private string Sign(string text) => Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));
}
