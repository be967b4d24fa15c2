using Confluent.Kafka;

namespace StreamPlatform.Streams.Librdkafka;

/// <summary>Errors of librdkafka's calls, classified as those of Confluent.Kafka are.</summary>
internal static class NativeErrors
{
    /// <summary>Throws what an rd_kafka_error_t says and frees it; nothing for null.</summary>
    public static void Check(nint error, TransportFailure otherwise)
    {
        if (error == 0) return;
        var known = new Error((ErrorCode)NativeMethods.rd_kafka_error_code(error), NativeMethods.Text(NativeMethods.rd_kafka_error_string(error)), NativeMethods.rd_kafka_error_is_fatal(error) != 0);
        var requiresAbort = NativeMethods.rd_kafka_error_txn_requires_abort(error) != 0;
        var retriable = NativeMethods.rd_kafka_error_is_retriable(error) != 0;
        NativeMethods.rd_kafka_error_destroy(error);
        throw ConfluentTransport.Wrap(known, requiresAbort, retriable, otherwise);
    }

    public static Error Of(int code) => new((ErrorCode)code, NativeMethods.Text(NativeMethods.rd_kafka_err2str(code)));
}
