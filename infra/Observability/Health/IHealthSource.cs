namespace StreamPlatform.Observability;

/// <summary>A part of the platform that can say whether it does its work.</summary>
public interface IHealthSource
{
    /// <summary>Name as shown, e.g. "emotion".</summary>
    string Name { get; }

    /// <summary>Whether the process can do nothing useful without it: then /readyz turns red too, which takes an instance out of rotation.</summary>
    bool IsCritical => true;

    /// <summary>Its state now; returns at once.</summary>
    HealthReport Check();
}

/// <param name="Healthy">It does its work.</param>
/// <param name="Detail">What is wrong and what to do, or what it is doing; may be empty.</param>
public sealed record HealthReport(bool Healthy, string Detail);
