namespace Cassandra;

/// <summary>Who owns which token: sorted tokens, each with its host. Immutable.</summary>
internal sealed class TokenRing
{
    /// <summary>256 tokens (the largest common num_tokens) of 4,096 nodes; a node that claims more is cut off there.</summary>
    public const int MaxTokens = 1 << 20;

    private readonly long[] tokens;
    private readonly Host[] owners;

    public TokenRing(IEnumerable<Host> hosts)
    {
        (long Token, Host Host)[] pairs =
            [.. hosts.SelectMany(host => host.TokenValues.Select(token => (Token: token, Host: host))).DistinctBy(pair => pair.Token).Take(MaxTokens)];
        tokens = [.. pairs.Select(pair => pair.Token)];
        owners = [.. pairs.Select(pair => pair.Host)];
        Array.Sort(tokens, owners);
    }

    public int Count => tokens.Length;

    public Host Owner(int index) => owners[index];

    public long TokenAt(int index) => tokens[index];

    /// <summary>The index of the range (previous token, token] that holds this token, or -1 on an empty ring.</summary>
    public int IndexOf(long token)
    {
        if (tokens.Length == 0)
        {
            return -1;
        }
        int index = Array.BinarySearch(tokens, token);
        index = index >= 0 ? index : ~index;
        return index == tokens.Length ? 0 : index; // behind the last token the ring starts again
    }
}
