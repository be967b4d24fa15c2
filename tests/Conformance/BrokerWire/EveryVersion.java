import java.io.DataInputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.*;
import org.apache.kafka.common.protocol.*;
import org.apache.kafka.common.record.MemoryRecords;
import org.apache.kafka.common.record.SimpleRecord;

/**
 * Sends every request in every version the broker lists and this client library knows, encoded by Apache Kafka's own classes, and decodes the
 * answers with them. Arguments: port, topic. Prints one line per answer that does not decode to its last byte, then "ok N".
 */
public class EveryVersion {
    static int port;
    static String topic;

    public static void main(String[] args) throws Exception {
        port = Integer.parseInt(args[0]);
        topic = args[1];
        int ok = 0;
        // creates the topic; an odd version names it
        call(ApiMessageType.METADATA, (short) 5);
        ApiVersionsResponseData listed = (ApiVersionsResponseData) call(ApiMessageType.API_VERSIONS, (short) 0);
        for (ApiVersionsResponseData.ApiVersion range : listed.apiKeys()) {
            ApiMessageType type = ApiMessageType.fromApiKey(range.apiKey());
            for (short v = (short) Math.max(range.minVersion(), type.lowestSupportedVersion()); v <= range.maxVersion(); v++) {
                try {
                    call(type, v);
                    ok++;
                } catch (Exception e) {
                    System.out.println(type + " v" + v + ": " + e);
                }
            }
        }
        System.out.println("ok " + ok);
    }

    static ApiMessage call(ApiMessageType type, short version) throws Exception {
        RequestHeaderData header = new RequestHeaderData()
            .setRequestApiKey(type.apiKey()).setRequestApiVersion(version).setCorrelationId(42).setClientId("every-version");
        ApiMessage request = request(type, version);
        ObjectSerializationCache cache = new ObjectSerializationCache();
        short headerVersion = type.requestHeaderVersion(version);
        int size = header.size(cache, headerVersion) + request.size(cache, version);
        ByteBuffer out = ByteBuffer.allocate(4 + size);
        out.putInt(size);
        ByteBufferAccessor writable = new ByteBufferAccessor(out);
        header.write(writable, cache, headerVersion);
        request.write(writable, cache, version);
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write(out.array());
            DataInputStream in = new DataInputStream(socket.getInputStream());
            byte[] frame = new byte[in.readInt()];
            in.readFully(frame);
            ByteBufferAccessor readable = new ByteBufferAccessor(ByteBuffer.wrap(frame));
            new ResponseHeaderData(readable, type.responseHeaderVersion(version));
            ApiMessage response = type.newResponse();
            response.read(readable, version);
            if (readable.remaining() != 0) {
                throw new IllegalStateException(readable.remaining() + " bytes left");
            }
            return response;
        }
    }

    // Requests whose answers have structure only if asked about something; of each, something that exists and something that does not.
    static ApiMessage request(ApiMessageType type, short v) {
        switch (type) {
            case PRODUCE: {
                var data = new ProduceRequestData.TopicProduceData().setName(topic);
                for (int partition : new int[] {0, 77}) {
                    data.partitionData().add(new ProduceRequestData.PartitionProduceData().setIndex(partition)
                        .setRecords(MemoryRecords.withRecords(Compression.NONE, new SimpleRecord("x".getBytes()))));
                }
                var topics = new ProduceRequestData.TopicProduceDataCollection();
                topics.add(data);
                return new ProduceRequestData().setAcks((short) -1).setTimeoutMs(1000).setTopicData(topics);
            }
            case FETCH: {
                var partitions = new ArrayList<FetchRequestData.FetchPartition>();
                for (int partition : new int[] {0, 77}) {
                    partitions.add(new FetchRequestData.FetchPartition().setPartition(partition).setPartitionMaxBytes(1000));
                }
                return new FetchRequestData().setMaxWaitMs(10).setMinBytes(1).setMaxBytes(100_000).setIsolationLevel((byte) (v % 2))
                    .setTopics(list(new FetchRequestData.FetchTopic().setTopic(topic).setPartitions(partitions)));
            }
            case LIST_OFFSETS: {
                var partitions = new ArrayList<ListOffsetsRequestData.ListOffsetsPartition>();
                for (long time : new long[] {-1, -2, 1}) {
                    partitions.add(new ListOffsetsRequestData.ListOffsetsPartition().setPartitionIndex(0).setTimestamp(time));
                }
                return new ListOffsetsRequestData().setReplicaId(-1)
                    .setTopics(list(new ListOffsetsRequestData.ListOffsetsTopic().setName(topic).setPartitions(partitions)));
            }
            case METADATA:
                return new MetadataRequestData().setTopics(v == 0 ? new ArrayList<>() : v % 2 == 0 ? null : list(
                    new MetadataRequestData.MetadataRequestTopic().setName(topic), new MetadataRequestData.MetadataRequestTopic().setName("no/such")));
            case CREATE_TOPICS: {
                var topics = new CreateTopicsRequestData.CreatableTopicCollection();
                for (String name : List.of("created-" + v, topic)) {
                    topics.add(new CreateTopicsRequestData.CreatableTopic().setName(name).setNumPartitions(1).setReplicationFactor((short) 1));
                }
                return new CreateTopicsRequestData().setTopics(topics);
            }
            case DELETE_TOPICS:
                return v >= 6
                    ? new DeleteTopicsRequestData().setTopics(list(new DeleteTopicsRequestData.DeleteTopicState().setName("missing")))
                    : new DeleteTopicsRequestData().setTopicNames(list("missing", "created-" + v));
            case DELETE_RECORDS:
                return new DeleteRecordsRequestData().setTopics(list(new DeleteRecordsRequestData.DeleteRecordsTopic().setName(topic)
                    .setPartitions(list(new DeleteRecordsRequestData.DeleteRecordsPartition().setPartitionIndex(0)))));
            case DESCRIBE_CONFIGS:
                return new DescribeConfigsRequestData().setIncludeSynonyms(true).setResources(list(
                    new DescribeConfigsRequestData.DescribeConfigsResource().setResourceType((byte) 2).setResourceName(topic).setConfigurationKeys(null),
                    new DescribeConfigsRequestData.DescribeConfigsResource().setResourceType((byte) 4).setResourceName("1").setConfigurationKeys(null)));
            case CREATE_PARTITIONS: {
                var topics = new CreatePartitionsRequestData.CreatePartitionsTopicCollection();
                topics.add(new CreatePartitionsRequestData.CreatePartitionsTopic().setName(topic).setCount(9).setAssignments(null));
                return new CreatePartitionsRequestData().setValidateOnly(true).setTopics(topics);
            }
            case INCREMENTAL_ALTER_CONFIGS: {
                var configs = new IncrementalAlterConfigsRequestData.AlterableConfigCollection();
                configs.add(new IncrementalAlterConfigsRequestData.AlterableConfig().setName("retention.ms").setValue("5000000"));
                var resources = new IncrementalAlterConfigsRequestData.AlterConfigsResourceCollection();
                resources.add(new IncrementalAlterConfigsRequestData.AlterConfigsResource().setResourceType((byte) 2).setResourceName(topic).setConfigs(configs));
                return new IncrementalAlterConfigsRequestData().setResources(resources);
            }
            case OFFSET_FOR_LEADER_EPOCH: {
                var topics = new OffsetForLeaderEpochRequestData.OffsetForLeaderTopicCollection();
                topics.add(new OffsetForLeaderEpochRequestData.OffsetForLeaderTopic().setTopic(topic)
                    .setPartitions(list(new OffsetForLeaderEpochRequestData.OffsetForLeaderPartition().setPartition(0))));
                return new OffsetForLeaderEpochRequestData().setTopics(topics);
            }
            case DESCRIBE_PRODUCERS:
                return new DescribeProducersRequestData().setTopics(list(
                    new DescribeProducersRequestData.TopicRequest().setName(topic).setPartitionIndexes(list(0, 77))));
            case FIND_COORDINATOR:
                return v >= 4
                    ? new FindCoordinatorRequestData().setCoordinatorKeys(list("group"))
                    : new FindCoordinatorRequestData().setKey("group");
            default:
                return type.newRequest();
        }
    }

    @SafeVarargs
    static <T> List<T> list(T... items) {
        return new ArrayList<>(List.of(items));
    }
}
