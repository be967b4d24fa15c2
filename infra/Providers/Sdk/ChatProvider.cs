using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using OpenAI.Chat;

namespace StreamPlatform.Providers;

/// <summary>Chat completions through the OpenAI SDK.</summary>
internal sealed class ChatProvider(ProviderOptions options, SdkClients clients, CallPipeline pipeline, AnswerCache cache, PriceTable prices, TimeProvider time) : IChatProvider
{
    private const int MaxOutputTokens = 16_384;
    private const int TemplateTokens = 64; // roles and separators around two messages

    public async Task<ChatAnswer> CompleteAsync(ChatRequest request, CallContext context, CancellationToken cancellationToken)
    {
        if (request.MaxOutputTokens is < 1 or > MaxOutputTokens)
        {
            throw new ProviderException(ProviderFailure.Rejected, $"MaxOutputTokens is {request.MaxOutputTokens}; it takes 1 to {MaxOutputTokens}");
        }

        var model = request.Tier == ModelTier.Strong ? options.StrongModel : options.CheapModel;
        if (request.CacheKey.Length == 0)
        {
            return await AskAsync(request, model, context, cancellationToken);
        }

        var startedAt = time.GetTimestamp();
        var (answer, shared) = await cache.GetAsync(KeyOf(request, model), ct => AskAsync(request, model, context, ct), cancellationToken);
        if (!shared)
        {
            return answer;
        }

        var free = answer with { Cost = answer.Cost with { CostUsd = 0, FromCache = true } };
        pipeline.Served(context, free.Cost, startedAt);
        return free;
    }

    private async Task<ChatAnswer> AskAsync(ChatRequest request, string model, CallContext context, CancellationToken ct)
    {
        var price = prices[model];
        var bytes = Encoding.UTF8.GetByteCount(request.System) + Encoding.UTF8.GetByteCount(request.User) + Encoding.UTF8.GetByteCount(request.Schema);
        var input = TemplateTokens + bytes / options.Budgets.BytesPerTokenReserved + 1;
        var plan = new CallPlan<string>(
            model, price.Tokens(input, request.MaxOutputTokens), price.Tokens(input, 0), request.Timeout ?? options.ChatTimeout,
            (key, attempt) => AttemptAsync(request, model, price, key, attempt));
        var answered = await pipeline.RunAsync(plan, context, ct);
        return new ChatAnswer(answered.Answer, answered.Cost);
    }

    private async Task<Answered<string>> AttemptAsync(ChatRequest request, string model, ModelPrice price, string key, CancellationToken ct)
    {
        var wanted = new ChatCompletionOptions { MaxOutputTokenCount = request.MaxOutputTokens };
        if (request.Schema.Length > 0)
        {
            wanted.ResponseFormat = ChatResponseFormat.CreateJsonSchemaFormat(request.SchemaName, BinaryData.FromString(request.Schema), null, jsonSchemaIsStrict: true);
        }

        ChatMessage[] messages = request.System.Length > 0
            ? [new SystemChatMessage(request.System), new UserChatMessage(request.User)]
            : [new UserChatMessage(request.User)];
        ChatCompletion said = await clients.Chat(key, model).CompleteChatAsync(messages, wanted, ct);
        var usage = said.Usage;
        var cost = new CallCost(
            said.Model is { Length: > 0 } answering ? answering : model, usage?.InputTokenCount ?? 0, usage?.OutputTokenCount ?? 0,
            price.Tokens(usage?.InputTokenCount ?? 0, usage?.OutputTokenCount ?? 0), false);
        var text = string.Concat(said.Content.Select(c => c.Text));
        if (said.FinishReason == ChatFinishReason.Length)
        {
            throw new InvalidAnswerException("the answer is cut off", cost.CostUsd);
        }

        return text.Length == 0 ? throw new InvalidAnswerException(said.Refusal is null ? "the answer is empty" : "the model refused to answer", cost.CostUsd)
            : request.Schema.Length > 0 && !IsJson(text) ? throw new InvalidAnswerException("the answer is no JSON", cost.CostUsd)
            : new Answered<string>(text, cost);
    }

    private static bool IsJson(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    // length before each part, so that no two requests run together into the same bytes
    private static string KeyOf(ChatRequest request, string model)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in new[] { model, request.System, request.User, request.SchemaName, request.Schema, request.CacheKey })
        {
            hash.AppendData(BitConverter.GetBytes(part.Length));
            hash.AppendData(Encoding.UTF8.GetBytes(part));
        }

        hash.AppendData(BitConverter.GetBytes(request.MaxOutputTokens));
        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
