using System.Text.Json.Nodes;

namespace StreamPlatform.TestProvider;

/// <summary>
/// Fills any JSON schema with values that make sense by their names: scores that grow with what the material says, quotes cut from it, questions, sentences.
/// The same prompt always gets the same answer. Nothing in it understands anything.
/// </summary>
public sealed class SensibleModel : IChatResponder
{
    public string Answer(ChatPrompt prompt) =>
        prompt.Schema is { } schema
            ? (new SchemaFiller(schema, new SensibleValues(prompt)).Fill() ?? new JsonObject()).ToJsonString()
            : $"In short: {Material.FirstSentence(Material.Untrusted(prompt.Material), 200)}";
}
