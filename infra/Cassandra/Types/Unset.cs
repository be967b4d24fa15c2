namespace Cassandra;

/// <summary>Bound instead of a value, it leaves the column as it is: unlike null, it writes no tombstone.</summary>
public sealed class Unset
{
    /// <summary>The one there is.</summary>
    public static readonly Unset Value = new();

    private Unset()
    {
    }
}
