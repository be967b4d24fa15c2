namespace StreamPlatform.TestCassandra;

/// <summary>What a node does instead of answering at once.</summary>
public abstract record CqlFault
{
    private CqlFault()
    {
    }

    /// <summary>Never answers.</summary>
    public sealed record Hang : CqlFault;

    /// <summary>Does what it was asked, and answers when this is done.</summary>
    public sealed record Late(Task Until) : CqlFault;

    /// <summary>Cuts the connection, having done what it was asked or not.</summary>
    public sealed record Cut(bool Applied = false) : CqlFault;

    /// <summary>Has forgotten the prepared statement.</summary>
    public sealed record Unprepared : CqlFault;

    /// <summary>Is overloaded (0x1001) or bootstrapping (0x1002), or fails (0x0000): an error without details.</summary>
    public sealed record Error(int Code, string Message = "as told") : CqlFault;

    /// <summary>The replicas did not acknowledge in time; the write is applied or not.</summary>
    public sealed record WriteTimeout(string WriteType = "SIMPLE", bool Applied = true) : CqlFault;

    /// <summary>The replicas did not answer in time.</summary>
    public sealed record ReadTimeout(int Received, int Required, bool DataPresent) : CqlFault;

    /// <summary>Too few replicas are alive.</summary>
    public sealed record Unavailable(int Required = 2, int Alive = 1) : CqlFault;
}

/// <summary>Which requests go wrong, and how; the first rule that fits and is not used up is taken.</summary>
public sealed class CqlFaults
{
    private readonly List<Rule> rules = [];

    /// <summary>The next requests that fit go wrong.</summary>
    /// <param name="fits">Which.</param>
    /// <param name="fault">How.</param>
    /// <param name="times">How often.</param>
    public void Add(Func<CqlRequest, bool> fits, CqlFault fault, int times = int.MaxValue)
    {
        lock (rules)
        {
            rules.Add(new Rule(fits, fault, times));
        }
    }

    /// <summary>Nothing goes wrong from now on.</summary>
    public void Clear()
    {
        lock (rules)
        {
            rules.Clear();
        }
    }

    internal CqlFault? Take(CqlRequest request)
    {
        lock (rules)
        {
            Rule? rule = rules.Find(rule => rule.Left > 0 && rule.Fits(request));
            if (rule is not null)
            {
                rule.Left--;
            }
            return rule?.Fault;
        }
    }

    private sealed class Rule(Func<CqlRequest, bool> fits, CqlFault fault, int times)
    {
        public Func<CqlRequest, bool> Fits => fits;

        public CqlFault Fault => fault;

        public int Left { get; set; } = times;
    }
}
