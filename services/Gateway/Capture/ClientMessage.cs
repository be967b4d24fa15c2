using System.Text.Json;

namespace StreamPlatform.Gateway.Capture;

/// <summary>A text message of the capture socket. Fields of other types of message are null.</summary>
public sealed record ClientMessage
{
    public string? Type { get; init; }

    public long? ClientTimeMs { get; init; }

    public string? Traceparent { get; init; }

    public long? NextFrameSequence { get; init; }

    public long? NextAudioSequence { get; init; }

    public int? QuestionIndex { get; init; }

    public string? Text { get; init; }

    /// <summary>The candidate's consents from now on; absent ones are withdrawn.</summary>
    public Api.ConsentsRequest? Consents { get; init; }

    /// <summary>Reads a message; null refusal means that it is JSON of the right shape with a type.</summary>
    public static (ClientMessage? Message, Refusal? Refusal) Read(ReadOnlySpan<byte> utf8)
    {
        try
        {
            var message = JsonSerializer.Deserialize<ClientMessage>(utf8, GatewayJson.Options);
            return message?.Type is null
                ? (null, new(RefusalCodes.Malformed, "A text message is a JSON object with a \"type\": hello, start, answer, consent or ping."))
                : (message, null);
        }
        catch (JsonException error)
        {
            return (null, new(RefusalCodes.Malformed, $"The text message is not the JSON that was expected, at {error.Path ?? "$"}: see docs/gateway.md for its fields."));
        }
    }
}
