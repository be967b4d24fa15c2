using System.Net;
using System.Net.Sockets;

namespace StreamPlatform.Gateway.Resumes;

/// <summary>Quotas of a gateway without a store, in slices of a minute and an hour. Counted in memory: a restart forgets.</summary>
internal sealed class ClientQuota(ResumeApiOptions options, TimeProvider time) : IResumeQuota
{
    private const int Ipv6NetworkBytes = 8; // one client has a /64 to choose addresses from

    private readonly Lock gate = new();
    private readonly Dictionary<string, Counts> clients = [];

    public ValueTask<TimeSpan> TakeAsync(string client, int resumes, ResumeLimits limits, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Take(client, resumes, limits));

    private TimeSpan Take(string client, int resumes, ResumeLimits limits)
    {
        var now = time.GetUtcNow();
        lock (gate)
        {
            var counts = Of(client);
            counts.SeenAt = now;
            var hour = counts.Hour.Wait(now, resumes, limits.PerHour);
            var day = counts.Day.Wait(now, resumes, limits.PerDay);
            if (hour > TimeSpan.Zero || day > TimeSpan.Zero)
            {
                return hour > day ? hour : day;
            }

            counts.Hour.Add(now, resumes);
            counts.Day.Add(now, resumes);
            return TimeSpan.Zero;
        }
    }

    /// <summary>Whom an address stands for.</summary>
    public static string ClientOf(IPAddress? address)
    {
        if (address is null)
        {
            return "unknown";
        }

        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return plain.AddressFamily == AddressFamily.InterNetworkV6 ? Convert.ToHexStringLower(plain.GetAddressBytes()[..Ipv6NetworkBytes]) : plain.ToString();
    }

    private Counts Of(string client)
    {
        if (clients.TryGetValue(client, out var known))
        {
            return known;
        }

        if (clients.Count >= options.MaxClients)
        {
            clients.Remove(clients.MinBy(c => c.Value.SeenAt).Key);
        }

        return clients[client] = new Counts();
    }

    private sealed class Counts
    {
        public SlidingCount Hour { get; } = new(60, TimeSpan.FromMinutes(1));

        public SlidingCount Day { get; } = new(24, TimeSpan.FromHours(1));

        public DateTimeOffset SeenAt { get; set; }
    }
}
