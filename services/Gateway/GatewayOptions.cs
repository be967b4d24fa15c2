namespace StreamPlatform.Gateway;

/// <summary>Settings of the gateway. Every limit has its default, unit and range beside it; <see cref="Validate"/> runs at start.</summary>
public sealed class GatewayOptions
{
    /// <summary>Kafka bootstrap servers, "host:port[,host:port]". Required unless the host registers its own writer and tails.</summary>
    public string BootstrapServers { get; set; } = "127.0.0.1:9092";

    /// <summary>Base address of the schema registry.</summary>
    public string SchemaRegistryUrl { get; set; } = "http://127.0.0.1:8081";

    /// <summary>Folder for the token key; null keeps the key in memory, so that tokens end with the process.</summary>
    public string? DataDirectory { get; set; }

    /// <summary>HMAC-SHA256 key of session tokens, at least 32 bytes; null takes (or makes) the one in <see cref="DataDirectory"/>.</summary>
    public byte[]? TokenKey { get; set; }

    /// <summary>Life of a session token, ms. 1 minute .. 7 days.</summary>
    public long TokenLifetimeMs { get; set; } = 12 * 60 * 60 * 1000L;

    /// <summary>Largest JPEG of a frame, bytes. 1 KiB .. 900 KiB (Kafka's message limit is 1 MiB).</summary>
    public int MaxFrameBytes { get; set; } = 512 * 1024;

    /// <summary>Largest PCM16 payload of an audio chunk, bytes. 320 .. 900 KiB.</summary>
    public int MaxAudioBytes { get; set; } = 64 * 1024;

    /// <summary>Largest typed answer, bytes of UTF-8. 1 .. 256 KiB.</summary>
    public int MaxAnswerBytes { get; set; } = 32 * 1024;

    /// <summary>Largest WebSocket message; a longer one closes the socket with 1009. Bytes, more than <see cref="MaxFrameBytes"/>.</summary>
    public int MaxMessageBytes { get; set; } = 1024 * 1024;

    /// <summary>Frames read per second and socket once the burst is used; a faster client is slowed, nothing is dropped. 1 .. 1000.</summary>
    public int FramesPerSecond { get; set; } = 10;

    /// <summary>Frames that may come at once, e.g. resent after a reconnect. 1 .. 10000.</summary>
    public int FrameBurst { get; set; } = 60;

    /// <summary>Messages of any kind read per second and socket once a burst of five times as many is used. 10 .. 10000.</summary>
    public int MessagesPerSecond { get; set; } = 100;

    /// <summary>Frames of a session that Kafka may not have confirmed yet; at the bound the socket is not read. 1 .. 1024.</summary>
    public int MaxPendingFrames { get; set; } = 32;

    /// <summary>Audio chunks of a session that Kafka may not have confirmed yet. 1 .. 4096.</summary>
    public int MaxPendingAudio { get; set; } = 128;

    /// <summary>Longest wait for a socket's first message (hello), ms. 100 .. 60000.</summary>
    public int HelloTimeoutMs { get; set; } = 10_000;

    /// <summary>Silence after which a socket is closed with 4408, ms; clients send ping. 1000 .. 600000.</summary>
    public int IdleTimeoutMs { get; set; } = 60_000;

    /// <summary>Longest wait for one send to a client, and for the answer to a close, ms. 100 .. 60000.</summary>
    public int SendTimeoutMs { get; set; } = 10_000;

    /// <summary>Longest wait for Kafka to confirm a record, ms. 100 .. 300000.</summary>
    public int DeliveryTimeoutMs { get; set; } = 30_000;

    /// <summary>An unfinished session that says nothing for this long is completed as timed out, ms. 1000 .. 86400000.</summary>
    public long SilentSessionTimeoutMs { get; set; } = 15 * 60 * 1000L;

    /// <summary>How often silent sessions are looked for, ms. 100 .. 60000.</summary>
    public int SilenceCheckMs { get; set; } = 5_000;

    /// <summary>Sessions kept in memory; over it the oldest finished ones are forgotten, then new ones refused. 1 .. 1000000.</summary>
    public int MaxSessions { get; set; } = 100_000;

    /// <summary>WebSockets open at once, capture and live together. 1 .. 100000.</summary>
    public int MaxSockets { get; set; } = 2_000;

    /// <summary>Other origins whose pages may open sockets, e.g. "https://hr.example.com". None: only the gateway's own pages, and programs.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; set; } = [];

    /// <summary>Messages queued for one socket before it counts as too slow and is closed with 1013. 16 .. 100000.</summary>
    public int MaxOutgoingMessages { get; set; } = 4_096;

    /// <summary>Live messages kept per session, so that a page opened late shows them. 0 .. 100000.</summary>
    public int LiveHistoryMessages { get; set; } = 4_000;

    /// <summary>Sessions whose live messages are kept; the one unused longest is forgotten. 1 .. 10000.</summary>
    public int LiveHistorySessions { get; set; } = 64;

    /// <summary>Producer linger, ms. 0 .. 1000.</summary>
    public int LingerMs { get; set; } = 3;

    /// <summary>Memory of the producer's queue, KiB; over it records are refused as "overloaded". 1024 .. 2097151.</summary>
    public int ProducerQueueKiB { get; set; } = 64 * 1024;

    /// <summary>Questions of an interview when the request names none. 1 .. 50.</summary>
    public int QuestionsPerInterview { get; set; } = 3;

    /// <summary>
    /// Longest wait for a generated question or follow-up before the candidate is asked the next one of the bank, ms. The next question is there within 2 s:
    /// the rest is for Kafka's confirmations. 0 .. 10000.
    /// </summary>
    public int QuestionWaitMs { get; set; } = 1_500;

    /// <summary>Generated questions per place of an interview among which candidates for one position are spread; each multiplies the calls. 1 .. 100.</summary>
    public int QuestionVariants { get; set; } = 1;

    /// <summary>Follow-ups per question where questions are generated and the request says nothing. 0 .. 3.</summary>
    public int FollowUpsPerQuestion { get; set; } = 1;

    /// <summary>Follow-ups per interview. 0 .. 20.</summary>
    public int MaxFollowUps { get; set; } = 3;

    /// <summary>Transcripts less confident than this get no follow-up: it would ask about words that nobody said. 0 .. 1.</summary>
    public double FollowUpConfidence { get; set; } = 0.7;

    /// <summary>Longest time for the follow-up of a spoken answer, which comes while the next question is answered, ms. 100 .. 120000.</summary>
    public int SpokenFollowUpMs { get; set; } = 20_000;

    /// <summary>Largest body of a REST request, bytes. 1024 .. 1048576.</summary>
    public int MaxRequestBytes { get; set; } = 64 * 1024;

    /// <summary>Intake of resumes.</summary>
    public Resumes.ResumeApiOptions Resumes { get; set; } = new();

    /// <summary>Throws <see cref="ArgumentException"/> naming every setting out of range.</summary>
    public void Validate()
    {
        var errors = new List<string>();
        Range(nameof(TokenLifetimeMs), TokenLifetimeMs, 60_000, 7 * 24 * 3600_000L);
        Range(nameof(MaxFrameBytes), MaxFrameBytes, 1024, 900 * 1024);
        Range(nameof(MaxAudioBytes), MaxAudioBytes, 320, 900 * 1024);
        Range(nameof(MaxAnswerBytes), MaxAnswerBytes, 1, 256 * 1024);
        Range(nameof(MaxMessageBytes), MaxMessageBytes, Math.Max(MaxFrameBytes, MaxAudioBytes) + 1024, 16 * 1024 * 1024);
        Range(nameof(FramesPerSecond), FramesPerSecond, 1, 1000);
        Range(nameof(FrameBurst), FrameBurst, 1, 10_000);
        Range(nameof(MessagesPerSecond), MessagesPerSecond, 10, 10_000);
        Range(nameof(MaxPendingFrames), MaxPendingFrames, 1, 1024);
        Range(nameof(MaxPendingAudio), MaxPendingAudio, 1, 4096);
        Range(nameof(HelloTimeoutMs), HelloTimeoutMs, 100, 60_000);
        Range(nameof(IdleTimeoutMs), IdleTimeoutMs, 1000, 600_000);
        Range(nameof(SendTimeoutMs), SendTimeoutMs, 100, 60_000);
        Range(nameof(DeliveryTimeoutMs), DeliveryTimeoutMs, 100, 300_000);
        Range(nameof(SilentSessionTimeoutMs), SilentSessionTimeoutMs, 1000, 86_400_000);
        Range(nameof(SilenceCheckMs), SilenceCheckMs, 100, 60_000);
        Range(nameof(MaxSessions), MaxSessions, 1, 1_000_000);
        Range(nameof(MaxSockets), MaxSockets, 1, 100_000);
        Range(nameof(MaxOutgoingMessages), MaxOutgoingMessages, 16, 100_000);
        Range(nameof(LiveHistoryMessages), LiveHistoryMessages, 0, 100_000);
        Range(nameof(LiveHistorySessions), LiveHistorySessions, 1, 10_000);
        Range(nameof(LingerMs), LingerMs, 0, 1000);
        Range(nameof(ProducerQueueKiB), ProducerQueueKiB, 1024, 2_097_151);
        Range(nameof(QuestionsPerInterview), QuestionsPerInterview, 1, 50);
        Range(nameof(QuestionWaitMs), QuestionWaitMs, 0, 10_000);
        Range(nameof(QuestionVariants), QuestionVariants, 1, 100);
        Range(nameof(FollowUpsPerQuestion), FollowUpsPerQuestion, 0, 3);
        Range(nameof(MaxFollowUps), MaxFollowUps, 0, 20);
        Range(nameof(SpokenFollowUpMs), SpokenFollowUpMs, 100, 120_000);
        Range(nameof(MaxRequestBytes), MaxRequestBytes, 1024, 1024 * 1024);
        errors.AddRange(Resumes.Errors());
        if (FollowUpConfidence is not (>= 0 and <= 1))
        {
            errors.Add($"Gateway:FollowUpConfidence is {FollowUpConfidence}, accepted are 0 to 1");
        }

        if (TokenKey is { Length: < 32 })
        {
            errors.Add("Gateway:TokenKey needs at least 32 bytes");
        }

        if (LiveHistoryMessages >= MaxOutgoingMessages)
        {
            errors.Add("Gateway:LiveHistoryMessages must be below Gateway:MaxOutgoingMessages: the history is queued at once");
        }

        if (errors.Count > 0)
        {
            throw new ArgumentException(string.Join("; ", errors));
        }

        void Range(string key, long value, long min, long max)
        {
            if (value < min || value > max)
            {
                errors.Add($"Gateway:{key} is {value}, accepted are {min} to {max}");
            }
        }
    }
}
