using System.Security.Cryptography;
using System.Text;

namespace StreamPlatform.Providers;

/// <summary>A key and what is known of it. The key itself goes nowhere but into requests; everything else sees <see cref="Hash"/>. Guarded by the pool's lock.</summary>
internal sealed class ApiKey(string secret, int requestsPerMinute)
{
    // times of the last requests, oldest first: exact, where a token bucket would let twice the limit through in its first minute
    private readonly Queue<DateTimeOffset> recent = new(Math.Min(requestsPerMinute, 1024));

    public string Secret { get; } = secret;

    /// <summary>SHA-256, 64 hexadecimal digits in lower case: what a ledger keeps.</summary>
    public string Sha256 { get; } = Sha256Of(secret);

    /// <summary>The first 12 digits of it: what messages and metrics show.</summary>
    public string Hash { get; } = HashOf(secret);

    public int InFlight { get; set; }

    public long Used { get; private set; }

    /// <summary>Why it is left alone, until when.</summary>
    public (ProviderFailure Reason, DateTimeOffset Until) Blocked { get; set; }

    /// <summary>When the rate allows the next request: in the past = now.</summary>
    public DateTimeOffset FreeAt(DateTimeOffset now)
    {
        while (recent.TryPeek(out var oldest) && oldest + TimeSpan.FromMinutes(1) <= now)
        {
            recent.Dequeue();
        }

        return recent.Count < requestsPerMinute ? DateTimeOffset.MinValue : recent.Peek() + TimeSpan.FromMinutes(1);
    }

    public void Use(DateTimeOffset now)
    {
        recent.Enqueue(now);
        InFlight++;
        Used++;
    }

    public static string HashOf(string secret) => Sha256Of(secret)[..12];

    // keys are long and random: no salt is needed to keep them from being guessed
    public static string Sha256Of(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
