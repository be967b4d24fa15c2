namespace StreamPlatform.TestProvider;

/// <summary>How the stand-in behaves.</summary>
public sealed class ProviderServerOptions
{
    /// <summary>TCP port on 127.0.0.1; 0 = a free one. Default 0, 0..65535.</summary>
    public int Port { get; set; }

    /// <summary>Clock of <see cref="RecordedRequest.At"/> and of faults that last a time. Default: the system's.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>Who answers chat completions. Default <see cref="SensibleModel"/>.</summary>
    public IChatResponder Chat { get; set; } = new SensibleModel();

    /// <summary>Waited before each answer. Default 0, 0..1 min.</summary>
    public TimeSpan Latency { get; set; } = TimeSpan.Zero;

    /// <summary>Where the known recordings lie; without it no speech is recognised. Default: where Debian's pocketsphinx-testdata puts them.</summary>
    public string ClipDirectory { get; set; } = "/usr/share/pocketsphinx/test/data/librivox";

    /// <summary>Keys that are accepted; empty = any, none included.</summary>
    public IReadOnlySet<string> AcceptedKeys { get; set; } = new HashSet<string>();

    /// <summary>Requests kept for <see cref="ProviderServer.Requests"/>; the oldest go first. Default 100,000, 1..10,000,000.</summary>
    public int MaxRecorded { get; set; } = 100_000;

    /// <summary>Seed of faults with a probability. Default 1.</summary>
    public int Seed { get; set; } = 1;
}
