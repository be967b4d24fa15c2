using StreamPlatform.Broker.Storage;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Requests;

/// <summary>The check of the leader epoch a client believes in.</summary>
internal static class LeaderEpochs
{
    public static ErrorCode Check(int clientEpoch, IPartitionLog log) =>
        clientEpoch < 0 || clientEpoch == log.LeaderEpoch ? ErrorCode.None
        : clientEpoch < log.LeaderEpoch ? ErrorCode.FencedLeaderEpoch
        : ErrorCode.UnknownLeaderEpoch;
}
