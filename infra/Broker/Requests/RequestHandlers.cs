using Microsoft.Extensions.Logging;
using StreamPlatform.Broker.Storage;

namespace StreamPlatform.Broker.Requests;

/// <summary>The handlers of this folder; the coordinators bring their own.</summary>
internal static class RequestHandlers
{
    public static IEnumerable<IRequestHandler> Create(BrokerServices services, LogManager logs, ILogger logger) =>
    [
        new ProduceHandler(services, logs),
        new FetchHandler(services, logs, logger),
        new ListOffsetsHandler(logs),
        new MetadataHandler(services, logs),
        new ApiVersionsHandler(),
        new CreateTopicsHandler(services, logs),
        new DeleteTopicsHandler(logs),
        new DeleteRecordsHandler(logs),
        new OffsetForLeaderEpochHandler(logs),
        new DescribeConfigsHandler(services, logs),
        new CreatePartitionsHandler(logs),
        new IncrementalAlterConfigsHandler(services, logs),
        new DescribeClusterHandler(services, logs),
        new DescribeProducersHandler(logs),
    ];
}
