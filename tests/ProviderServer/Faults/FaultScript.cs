namespace StreamPlatform.TestProvider;

/// <summary>The rules in force: the first that matches a request decides. Safe for concurrent use.</summary>
public sealed class FaultScript
{
    private readonly Lock gate = new();
    private readonly TimeProvider time;
    private readonly Random random;
    private List<Rule> rules = [];

    internal FaultScript(TimeProvider time, int seed)
    {
        this.time = time;
        random = new Random(seed);
    }

    /// <summary>Replaces all rules.</summary>
    public void Set(params IReadOnlyList<Fault> faults)
    {
        lock (gate)
        {
            rules = [.. faults.Select(f => new Rule(f, time.GetUtcNow()))];
        }
    }

    /// <summary>Everything is answered again.</summary>
    public void Clear() => Set();

    /// <summary>Rules in force and how often each acted.</summary>
    public IReadOnlyList<(Fault Fault, int Acted)> Rules
    {
        get
        {
            lock (gate)
            {
                return [.. rules.Select(r => (r.Fault, r.Acted))];
            }
        }
    }

    internal Fault? Decide(string endpoint, string keyHash, string model)
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            return rules.FirstOrDefault(r => r.Acts(endpoint, keyHash, model, now, random))?.Fault is { Kind: not FaultKind.None } fault ? fault : null;
        }
    }

    private sealed class Rule(Fault fault, DateTimeOffset set)
    {
        private int seen;

        public Fault Fault => fault;

        public int Acted { get; private set; }

        public bool Acts(string endpoint, string keyHash, string model, DateTimeOffset now, Random random)
        {
            var age = (now - set).TotalMilliseconds;
            if (fault.Endpoint.Length > 0 && fault.Endpoint != endpoint || fault.KeyHash.Length > 0 && fault.KeyHash != keyHash
                || fault.Model.Length > 0 && fault.Model != model || age < fault.AfterMs || fault.ForMs > 0 && age >= fault.AfterMs + fault.ForMs
                || seen++ < fault.Skip || fault.Count > 0 && Acted >= fault.Count || fault.Probability < 1 && random.NextDouble() >= fault.Probability)
            {
                return false;
            }

            Acted++;
            return true;
        }
    }
}
