namespace Cassandra;

/// <summary>Bound in the place of a value, it leaves the column as it is, where null would delete it.</summary>
public sealed class Unset
{
    /// <summary>The one instance.</summary>
    public static readonly Unset Value = new();

    private Unset()
    {
    }
}
