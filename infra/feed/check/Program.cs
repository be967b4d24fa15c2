using Confluent.Kafka;
using Microsoft.ML.OnnxRuntime;

// librdkafka refuses these settings at construction when it was built without the feature.
foreach (var (security, mechanism) in new[] { (SecurityProtocol.Plaintext, SaslMechanism.Plain), (SecurityProtocol.SaslSsl, SaslMechanism.ScramSha512) })
{
    foreach (var codec in new[] { CompressionType.Zstd, CompressionType.Lz4, CompressionType.Gzip, CompressionType.Snappy })
    {
        var config = new ProducerConfig { BootstrapServers = "127.0.0.1:1", CompressionType = codec, SecurityProtocol = security };
        if (security == SecurityProtocol.SaslSsl)
        {
            (config.SaslMechanism, config.SaslUsername, config.SaslPassword) = (mechanism, "u", "p");
        }

        using var producer = new ProducerBuilder<byte[], byte[]>(config).SetLogHandler((_, _) => { }).Build();
    }
}

Console.WriteLine($"librdkafka {Library.VersionString}, ONNX Runtime {OrtEnv.Instance().GetVersionString()}");
return Library.VersionString == "2.15.1" && OrtEnv.Instance().GetVersionString() == "1.29.0" ? 0 : 1;
