namespace StreamPlatform.Providers;

/// <summary>Where it is kept which keys of a provider there are and how much each is used, over all processes and restarts. Keys appear only as their SHA-256.</summary>
public interface IKeyLedger
{
    /// <summary>These keys are in force from now on, all others of the provider are not; counts stay.</summary>
    /// <param name="provider">Host of the provider's address.</param>
    /// <param name="keyHashes">SHA-256 of each, 64 hexadecimal digits in lower case; at most 1,000.</param>
    /// <exception cref="Exception">Any: it was not kept, and is told again.</exception>
    Task SetActiveAsync(string provider, IReadOnlyCollection<string> keyHashes, CancellationToken cancellationToken);

    /// <summary>Adds uses, all of them or none.</summary>
    /// <param name="provider">Host of the provider's address.</param>
    /// <param name="uses">At most one of each key; at most 1,000.</param>
    /// <exception cref="Exception">Any: none was added, and they are told again.</exception>
    Task AddUsesAsync(string provider, IReadOnlyCollection<KeyUses> uses, CancellationToken cancellationToken);
}

/// <param name="KeyHash">SHA-256 of the key, 64 hexadecimal digits in lower case.</param>
/// <param name="Times">Requests sent with it.</param>
/// <param name="Last">When the last of them was.</param>
public sealed record KeyUses(string KeyHash, long Times, DateTimeOffset Last);
