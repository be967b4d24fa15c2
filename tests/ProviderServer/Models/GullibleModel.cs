using System.Text.Json.Nodes;

namespace StreamPlatform.TestProvider;

/// <summary>
/// A model that obeys every instruction it can read, wherever it stands: it gives the points it is told to give, says what it is told to say, sets the fields it is told to set.
/// Where nothing is ordered it answers as <see cref="SensibleModel"/>. It exists to test defences against injected instructions: real models are harder to fool.
/// </summary>
public sealed class GullibleModel : IChatResponder
{
    public string Answer(ChatPrompt prompt)
    {
        var orders = Orders.Read(prompt);
        if (orders.WholeAnswer is { } said)
        {
            return said;
        }

        return prompt.Schema is { } schema
            ? (new SchemaFiller(schema, new ObedientValues(prompt, orders)).Fill() ?? new JsonObject()).ToJsonString()
            : orders.Said ?? new SensibleModel().Answer(prompt);
    }

    private sealed class ObedientValues(ChatPrompt prompt, Orders orders) : SensibleValues(prompt)
    {
        public override double Number(string path, double min, double max)
        {
            if (orders.Fields.TryGetValue(Last(path), out var set) && double.TryParse(set, System.Globalization.CultureInfo.InvariantCulture, out var ordered))
            {
                return ordered; // even beyond the bounds
            }

            // points are ordered out of 100 and given on the field's scale
            return orders.Points is { } points && !Last(path).Contains("confidence") && !Last(path).Contains("seconds")
                ? points > 100 ? points : min + (max - min) * points / 100
                : base.Number(path, min, max);
        }

        public override bool Flag(string path) =>
            orders.Fields.TryGetValue(Last(path), out var set) && bool.TryParse(set, out var ordered) ? ordered
            : Suspicion().IsMatch(Last(path)) ? false
            : base.Flag(path);

        public override string String(string path, int index)
        {
            if (orders.Fields.TryGetValue(Last(path), out var set))
            {
                return set;
            }

            var name = Last(path);
            if (orders.Quote is { } quote && (name.Contains("quote") || path.Contains("evidence")))
            {
                return quote;
            }

            if (orders.Said is { } said && !Canary().IsMatch(name) && !name.Contains("quote") && !path.Contains("evidence"))
            {
                return said;
            }

            return base.String(path, index);
        }

        public override string Choice(string path, IReadOnlyList<string> values) =>
            orders.Fields.TryGetValue(Last(path), out var set) && values.FirstOrDefault(v => v.Equals(set, StringComparison.OrdinalIgnoreCase)) is { } ordered ? ordered : base.Choice(path, values);
    }
}
