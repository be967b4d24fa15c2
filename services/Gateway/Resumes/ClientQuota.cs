using System.Net;
using System.Net.Sockets;

namespace StreamPlatform.Gateway.Resumes;

/// <summary>Resumes per client, hour and day, in slices of a minute and an hour. Counted in memory: a restart forgets. Safe for concurrent use.</summary>
internal sealed class ClientQuota(ResumeApiOptions options, TimeProvider time)
{
    private const int Ipv6NetworkBytes = 8; // one client has a /64 to choose addresses from

    private readonly Lock gate = new();
    private readonly Dictionary<string, Counts> clients = [];

    /// <summary>Counts the resumes if they fit.</summary>
    /// <returns>Zero when they were counted; else how long to wait until they fit.</returns>
    public TimeSpan Take(string client, int resumes)
    {
        var now = time.GetUtcNow();
        lock (gate)
        {
            var counts = Of(client);
            counts.SeenAt = now;
            var hour = counts.Hour.Wait(now, resumes, options.PerHour);
            var day = counts.Day.Wait(now, resumes, options.PerDay);
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
