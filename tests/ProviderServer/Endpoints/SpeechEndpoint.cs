using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace StreamPlatform.TestProvider;

/// <summary>POST /v1/audio/speech: a tone as long as the text would take to say.</summary>
internal sealed class SpeechEndpoint(ProviderServer server)
{
    private const int CharactersPerSecond = 15;
    private const int MaxSeconds = 60;

    public async Task HandleAsync(HttpContext http)
    {
        using var entered = server.Enter();
        if (await RequestBody.ReadAsync(http) is not { } body)
        {
            return;
        }

        var text = body["input"]?.GetValue<string>() ?? "";
        var fault = await server.ArriveAsync(http, "speech", body["model"]?.GetValue<string>() ?? "", "", body.ToJsonString());
        if (await FaultAnswers.TryAnswerAsync(http, fault, server.Stopping))
        {
            return;
        }

        if (text.Length is 0 or > 4096)
        {
            await FaultAnswers.ErrorAsync(http, 400, null, "invalid_request_error", "input takes 1 to 4096 characters");
            return;
        }

        var wav = WavFile.Tone(TimeSpan.FromSeconds(Math.Clamp((double)text.Length / CharactersPerSecond, 0.3, MaxSeconds)));
        wav = fault?.Kind switch
        {
            FaultKind.TruncatedJson => wav[..20],
            FaultKind.EmptyAnswer => [],
            FaultKind.WrongSchema => "{}"u8.ToArray(),
            _ => wav,
        };
        await FaultAnswers.BodyAsync(http, "audio/wav", wav, fault, server.Stopping);
    }
}
