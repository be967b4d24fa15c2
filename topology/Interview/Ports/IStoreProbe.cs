namespace StreamPlatform.Topology.Ports;

/// <summary>Asks a store whether it is there, without waiting for something to store.</summary>
public interface IStoreProbe
{
    /// <summary>Ends when the store has answered.</summary>
    /// <exception cref="Streams.TransientException">It does not answer now.</exception>
    Task ProbeAsync(CancellationToken cancellationToken);
}
