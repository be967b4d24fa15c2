using System.ClientModel;
using System.ClientModel.Primitives;
using System.Collections.Concurrent;
using OpenAI;
using OpenAI.Audio;
using OpenAI.Chat;

namespace StreamPlatform.Providers;

/// <summary>Clients of the OpenAI SDK by key and model, on one pool of connections. The SDK neither retries nor times out: the pipeline does.</summary>
internal sealed class SdkClients : IDisposable
{
    private const int MaxClients = 1000; // then all are made anew: keys come and go

    private readonly ConcurrentDictionary<(string Key, string Model), ChatClient> chat = new();
    private readonly ConcurrentDictionary<(string Key, string Model), AudioClient> audio = new();
    private readonly HttpClient http;
    private readonly OpenAIClientOptions options;

    public SdkClients(Uri baseUrl)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5), ConnectTimeout = TimeSpan.FromSeconds(10) };
        http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        options = new OpenAIClientOptions
        {
            Endpoint = baseUrl,
            RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
            NetworkTimeout = Timeout.InfiniteTimeSpan,
            Transport = new HttpClientPipelineTransport(http),
            UserAgentApplicationId = "StreamPlatform",
        };
    }

    public ChatClient Chat(string key, string model) => Client(chat, key, model, (k, m) => new ChatClient(m, new ApiKeyCredential(k), options));

    public AudioClient Audio(string key, string model) => Client(audio, key, model, (k, m) => new AudioClient(m, new ApiKeyCredential(k), options));

    public void Dispose() => http.Dispose();

    private static T Client<T>(ConcurrentDictionary<(string Key, string Model), T> clients, string key, string model, Func<string, string, T> create)
    {
        if (clients.Count > MaxClients)
        {
            clients.Clear();
        }

        return clients.GetOrAdd((key, model), k => create(k.Key, k.Model));
    }
}
