using System.Net;
using Cassandra;
using Cassandra.Protocol;

namespace StreamPlatform.Tests.Unit.Cassandra;

/// <summary>Valid frames of every response, written by hand from the specification.</summary>
internal static class ResponseSamples
{
    public static IEnumerable<(FrameHeader Header, byte[] Body)> All()
    {
        yield return Make(Opcode.Ready, _ => { });
        yield return Make(Opcode.Authenticate, to => to.WriteString("org.apache.cassandra.auth.PasswordAuthenticator"));
        yield return Make(Opcode.AuthChallenge, to => to.WriteBytes([1, 2, 3]));
        yield return Make(Opcode.AuthSuccess, to => to.WriteBytes((byte[]?)null));
        yield return Make(Opcode.Supported, to =>
        {
            to.WriteShort(2);
            to.WriteString("COMPRESSION");
            to.WriteStringList(["lz4", "snappy"]);
            to.WriteString("PROTOCOL_VERSIONS");
            to.WriteStringList(["5/v5"]);
        });
        foreach ((FrameHeader, byte[]) sample in Results().Concat(Events()).Concat(Errors()))
        {
            yield return sample;
        }
        yield return Flagged();
    }

    public static (FrameHeader Header, byte[] Body) Flagged() => Make(
        Opcode.Result,
        to =>
        {
            to.WriteUuid(Guid.NewGuid());
            to.WriteStringList(["slow", "large"]);
            to.WriteBytesMap(new Dictionary<string, byte[]> { ["k"] = [1, 2] });
            to.WriteInt(1);
        },
        FrameFlags.Tracing | FrameFlags.Warning | FrameFlags.CustomPayload);

    private static IEnumerable<(FrameHeader Header, byte[] Body)> Results()
    {
        yield return Make(Opcode.Result, to => to.WriteInt(1));
        yield return Make(Opcode.Result, Rows);
        yield return Make(Opcode.Result, to =>
        {
            to.WriteInt(2);
            to.WriteInt(0x0004 | 0x0002 | 0x0008);
            to.WriteInt(1);
            to.WriteBytes([5, 5]);
            to.WriteShortBytes([6]);
            to.WriteInt(0);
        });
        yield return Make(Opcode.Result, to =>
        {
            to.WriteInt(3);
            to.WriteString("ks");
        });
        yield return Make(Opcode.Result, to =>
        {
            to.WriteInt(4);
            to.WriteShortBytes(new byte[16]);
            to.WriteShortBytes(new byte[16]);
            to.WriteInt(1);
            to.WriteInt(1);
            to.WriteInt(1);
            to.WriteShort(0);
            to.WriteString("ks");
            to.WriteString("t");
            to.WriteString("id");
            to.WriteShort((int)ColumnTypeCode.Uuid);
            to.WriteInt(4);
            to.WriteInt(0);
        });
        yield return Make(Opcode.Result, to =>
        {
            to.WriteInt(5);
            Strings(to, "CREATED", "TABLE", "ks", "t");
        });
    }

    private static void Rows(CqlWriter to)
    {
        to.WriteInt(2);
        to.WriteInt(0x0001);
        to.WriteInt(3);
        Strings(to, "ks", "t", "a");
        to.WriteShort((int)ColumnTypeCode.Int);
        to.WriteString("b");
        to.WriteShort((int)ColumnTypeCode.Map);
        to.WriteShort((int)ColumnTypeCode.Text);
        to.WriteShort((int)ColumnTypeCode.Udt);
        Strings(to, "ks", "pair");
        to.WriteShort(1);
        to.WriteString("first");
        to.WriteShort((int)ColumnTypeCode.Tuple);
        to.WriteShort(2);
        to.WriteShort((int)ColumnTypeCode.Int);
        to.WriteShort((int)ColumnTypeCode.Date);
        to.WriteString("c");
        to.WriteShort((int)ColumnTypeCode.Custom);
        to.WriteString("org.apache.cassandra.db.marshal.VectorType(org.apache.cassandra.db.marshal.FloatType, 3)");
        to.WriteInt(2);
        to.WriteBytes([0, 0, 0, 7]);
        to.WriteNull();
        to.WriteBytes([]);
        to.WriteNull();
        to.WriteBytes([1, 2]);
        to.WriteBytes([9]);
    }

    private static IEnumerable<(FrameHeader Header, byte[] Body)> Events()
    {
        foreach ((string type, string change, IPAddress address) in new[]
        {
            ("TOPOLOGY_CHANGE", "NEW_NODE", IPAddress.Loopback), ("STATUS_CHANGE", "DOWN", IPAddress.IPv6Loopback),
        })
        {
            yield return Make(Opcode.Event, to =>
            {
                Strings(to, type, change);
                Address(to, address);
                to.WriteInt(9042);
            }, stream: -1);
        }
        yield return Make(Opcode.Event, to => Strings(to, "SCHEMA_CHANGE", "UPDATED", "KEYSPACE", "ks"), stream: -1);
        yield return Make(Opcode.Event, to =>
        {
            Strings(to, "SCHEMA_CHANGE", "DROPPED", "FUNCTION", "ks", "f");
            to.WriteStringList(["int", "text"]);
        }, stream: -1);
        yield return Make(Opcode.Event, to => Strings(to, "SOMETHING_NEW"), stream: -1);
    }

    private static IEnumerable<(FrameHeader Header, byte[] Body)> Errors()
    {
        foreach (ErrorCode code in Enum.GetValues<ErrorCode>())
        {
            yield return Make(Opcode.Error, to =>
            {
                to.WriteInt((int)code);
                to.WriteString("what went wrong");
                Details(code, to);
            });
        }
    }

    private static void Details(ErrorCode code, CqlWriter to)
    {
        switch (code)
        {
            case ErrorCode.Unavailable or ErrorCode.CasWriteUnknown:
                Acknowledgements(to);
                break;
            case ErrorCode.WriteTimeout:
                Acknowledgements(to);
                to.WriteString("CAS");
                to.WriteShort(3);
                break;
            case ErrorCode.ReadTimeout:
                Acknowledgements(to);
                to.WriteByte(1);
                break;
            case ErrorCode.ReadFailure:
                Acknowledgements(to);
                Reasons(to);
                to.WriteByte(0);
                break;
            case ErrorCode.WriteFailure:
                Acknowledgements(to);
                Reasons(to);
                to.WriteString("BATCH");
                break;
            case ErrorCode.FunctionFailure:
                Strings(to, "ks", "f");
                to.WriteStringList(["int"]);
                break;
            case ErrorCode.AlreadyExists:
                Strings(to, "ks", "");
                break;
            case ErrorCode.Unprepared:
                to.WriteShortBytes(new byte[16]);
                break;
            default:
                break;
        }
    }

    private static void Acknowledgements(CqlWriter to)
    {
        to.WriteShort((int)ConsistencyLevel.Quorum);
        to.WriteInt(2);
        to.WriteInt(1);
    }

    private static void Reasons(CqlWriter to)
    {
        to.WriteInt(1);
        Address(to, IPAddress.Loopback);
        to.WriteShort(1);
    }

    private static void Address(CqlWriter to, IPAddress address)
    {
        byte[] bytes = address.GetAddressBytes();
        to.WriteByte((byte)bytes.Length);
        to.WriteRaw(bytes);
    }

    private static void Strings(CqlWriter to, params string[] values)
    {
        foreach (string value in values)
        {
            to.WriteString(value);
        }
    }

    private static (FrameHeader Header, byte[] Body) Make(Opcode opcode, Action<CqlWriter> write, FrameFlags flags = FrameFlags.None, short stream = 3)
    {
        using CqlWriter to = new();
        write(to);
        return (new FrameHeader(FrameHeader.ResponseV5, flags, stream, opcode, to.Length), to.ToArray());
    }
}
