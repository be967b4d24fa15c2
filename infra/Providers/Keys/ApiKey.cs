using System.Security.Cryptography;
using System.Text;

namespace StreamPlatform.Providers;

/// <summary>A key and what is known of it. The key itself goes nowhere but into requests; everything else sees <see cref="Hash"/>. Guarded by the pool's lock.</summary>
internal sealed class ApiKey(string secret, int requestsPerMinute)
{
    // times of the last requests, oldest first: exact, where a token bucket would let twice the limit through in its first minute
    private readonly Queue<DateTimeOffset> recent = new(Math.Min(requestsPerMinute, 1024));

    public string Secret { get; } = secret;

    /// <summary>First 12 hexadecimal digits of the SHA-256.</summary>
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

    public static string HashOf(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)))[..12];
}
