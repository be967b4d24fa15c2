using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace StreamPlatform.TestProvider;

/// <summary>POST /v1/chat/completions, with and without stream.</summary>
internal sealed class ChatEndpoint(ProviderServer server)
{
    private const int ChunkCharacters = 16;
    private const int BytesPerToken = 4; // English text in common tokenizers

    public async Task HandleAsync(HttpContext http)
    {
        using var entered = server.Enter();
        if (await RequestBody.ReadAsync(http) is not { } body)
        {
            return;
        }

        var prompt = Read(body);
        var fault = await server.ArriveAsync(http, "chat", prompt.Model, prompt.SchemaName, body.ToJsonString());
        if (await FaultAnswers.TryAnswerAsync(http, fault, server.Stopping))
        {
            return;
        }

        var said = fault?.Kind switch
        {
            FaultKind.WrongSchema => """{"unexpected": ["shape"]}""",
            FaultKind.EmptyAnswer => "",
            _ => server.Chat.Answer(prompt),
        };
        var cut = fault?.Kind == FaultKind.TruncatedJson || said.Length > prompt.MaxTokens * BytesPerToken;
        if (cut)
        {
            said = said[..Math.Min(said.Length / 2, prompt.MaxTokens * BytesPerToken)];
        }

        if (body["stream"]?.GetValue<bool>() == true)
        {
            await StreamAsync(http, prompt, said, cut, fault);
            return;
        }

        var answer = Frame("chat.completion", prompt.Model);
        answer["choices"] = new JsonArray(new JsonObject
        {
            ["index"] = 0,
            ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = said, ["refusal"] = null },
            ["logprobs"] = null,
            ["finish_reason"] = cut ? "length" : "stop",
        });
        answer["usage"] = Usage(prompt, said);
        await FaultAnswers.BodyAsync(http, answer, fault, server.Stopping);
    }

    private async Task StreamAsync(HttpContext http, ChatPrompt prompt, string said, bool cut, Fault? fault)
    {
        http.Response.ContentType = "text/event-stream";
        var chunks = said.Chunk(ChunkCharacters).Select(c => new string(c)).ToList();
        for (var i = 0; i <= chunks.Count; i++)
        {
            var last = i == chunks.Count;
            var chunk = Frame("chat.completion.chunk", prompt.Model);
            chunk["choices"] = new JsonArray(new JsonObject
            {
                ["index"] = 0,
                ["delta"] = last ? new JsonObject() : new JsonObject { ["role"] = "assistant", ["content"] = chunks[i] },
                ["finish_reason"] = last ? cut ? "length" : "stop" : null,
            });
            if (last)
            {
                chunk["usage"] = Usage(prompt, said);
            }

            await http.Response.WriteAsync($"data: {chunk.ToJsonString()}\n\n", http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
            if (fault?.Kind == FaultKind.SlowStream)
            {
                await Task.Delay(1000, http.RequestAborted);
            }
        }

        await http.Response.WriteAsync("data: [DONE]\n\n", http.RequestAborted);
    }

    private static ChatPrompt Read(JsonObject body)
    {
        var format = body["response_format"]?["json_schema"];
        return new ChatPrompt(
            body["model"]?.GetValue<string>() ?? "",
            [.. (body["messages"] as JsonArray ?? []).Select(m => new ChatPromptMessage(m?["role"]?.GetValue<string>() ?? "user", Text(m?["content"])))],
            format?["name"]?.GetValue<string>() ?? "",
            format?["schema"] as JsonObject,
            (body["max_completion_tokens"] ?? body["max_tokens"])?.GetValue<int>() ?? 16_384);
    }

    private static string Text(JsonNode? content) => content switch
    {
        JsonArray parts => string.Join('\n', parts.Select(p => p?["text"]?.GetValue<string>() ?? "")),
        JsonValue text => text.GetValue<string>(),
        _ => "",
    };

    private JsonObject Frame(string kind, string model) => new()
    {
        ["id"] = $"chatcmpl-{Guid.NewGuid():N}",
        ["object"] = kind,
        ["created"] = server.Options.Time.GetUtcNow().ToUnixTimeSeconds(),
        ["model"] = model,
    };

    private static JsonObject Usage(ChatPrompt prompt, string said)
    {
        var input = prompt.Messages.Sum(m => Tokens(m.Text) + 4) + Tokens(prompt.Schema?.ToJsonString() ?? "");
        var output = Tokens(said);
        return new JsonObject { ["prompt_tokens"] = input, ["completion_tokens"] = output, ["total_tokens"] = input + output };
    }

    private static int Tokens(string text) => (Encoding.UTF8.GetByteCount(text) + BytesPerToken - 1) / BytesPerToken;
}
