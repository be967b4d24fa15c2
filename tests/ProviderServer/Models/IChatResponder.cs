using System.Text.Json.Nodes;

namespace StreamPlatform.TestProvider;

/// <summary>A model, as far as a test needs one.</summary>
public interface IChatResponder
{
    /// <summary>What the assistant says; called concurrently.</summary>
    string Answer(ChatPrompt prompt);
}

/// <param name="Model">As asked for.</param>
/// <param name="Messages">Roles and texts, in order.</param>
/// <param name="SchemaName">Empty = free text.</param>
/// <param name="Schema">JSON schema of the answer; null = free text.</param>
/// <param name="MaxTokens">Bound of the answer.</param>
public sealed record ChatPrompt(string Model, IReadOnlyList<ChatPromptMessage> Messages, string SchemaName, JsonObject? Schema, int MaxTokens)
{
    /// <summary>Texts of system and developer messages.</summary>
    public string Instructions => string.Join('\n', Messages.Where(m => m.Role is "system" or "developer").Select(m => m.Text));

    /// <summary>Texts of all others.</summary>
    public string Material => string.Join('\n', Messages.Where(m => m.Role is not ("system" or "developer")).Select(m => m.Text));
}

/// <param name="Role">"system", "developer", "user", "assistant".</param>
/// <param name="Text">Text parts, joined.</param>
public sealed record ChatPromptMessage(string Role, string Text);

/// <summary>Answers by a function.</summary>
public sealed class FunctionModel(Func<ChatPrompt, string> answer) : IChatResponder
{
    public string Answer(ChatPrompt prompt) => answer(prompt);
}

/// <summary>The built-in models by name.</summary>
public static class ChatModels
{
    /// <exception cref="ArgumentException">No such model.</exception>
    public static IChatResponder Named(string name) => name switch
    {
        "sensible" => new SensibleModel(),
        "gullible" => new GullibleModel(),
        _ => throw new ArgumentException($"no model '{name}'; there are sensible and gullible"),
    };
}
