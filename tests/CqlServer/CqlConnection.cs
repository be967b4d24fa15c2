using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Cassandra;
using Cassandra.Protocol;

namespace StreamPlatform.TestCassandra;

/// <summary>One client's connection: hand-shake in bare frames, then segments. Requests are answered each by itself, so a late one holds up no other.</summary>
internal sealed class CqlConnection(CqlNode node, Socket socket)
{
    private const int MaxFrame = 16 << 20;

    private readonly SemaphoreSlim writing = new(1, 1);
    private readonly CancellationTokenSource closed = new();
    private Stream stream = Stream.Null;
    private SegmentReader? segments;
    private SegmentWriter? segmentWriter;
    private bool registered;

    public void Cut()
    {
        closed.Cancel();
        socket.Close(0); // a reset, as from a machine that went down
    }

    public async Task PushAsync(CqlAnswer answer)
    {
        if (registered)
        {
            await WriteAsync(-1, answer);
        }
    }

    public async Task ServeAsync()
    {
        try
        {
            stream = new NetworkStream(socket, ownsSocket: true);
            socket.NoDelay = true;
            if (node.Cluster.Options.Certificate is { } certificate)
            {
                SslStream tls = new(stream);
                await tls.AuthenticateAsServerAsync(certificate);
                stream = tls;
            }
            await ReadAsync();
        }
        catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException or OperationCanceledException
            or MalformedDataException or System.Security.Authentication.AuthenticationException)
        {
            // the client, or a fault, has ended it
        }
        finally
        {
            Cut();
        }
    }

    private async Task ReadAsync()
    {
        byte[] buffer = new byte[SegmentReader.MaxSegmentSize];
        int filled = 0;
        while (true)
        {
            int read = await stream.ReadAsync(buffer.AsMemory(filled), closed.Token);
            if (read == 0)
            {
                return;
            }
            filled += read;
            int used = Unpack(buffer.AsSpan(0, filled), out List<(FrameHeader Header, byte[] Body)> frames);
            buffer.AsSpan(used, filled - used).CopyTo(buffer);
            filled -= used;
            foreach ((FrameHeader header, byte[] body) in frames)
            {
                if (segments is null || header.Opcode is Opcode.AuthResponse or Opcode.Register or Opcode.Options)
                {
                    await HandshakeAsync(header, body);
                }
                else
                {
                    _ = AnswerAsync(header, body);
                }
            }
        }
    }

    // before the hand-shake one bare frame at a time: what follows it may be segments
    private int Unpack(ReadOnlySpan<byte> data, out List<(FrameHeader Header, byte[] Body)> frames)
    {
        List<(FrameHeader, byte[])> found = [];
        frames = found;
        if (segments is not null)
        {
            return segments.Read(data, (in FrameHeader header, ReadOnlySpan<byte> body) => found.Add((header, body.ToArray())));
        }
        if (data.Length < FrameHeader.Size)
        {
            return 0;
        }
        FrameHeader bare = FrameHeader.Read(data, MaxFrame);
        int total = FrameHeader.Size + bare.BodyLength;
        if (data.Length < total)
        {
            return 0;
        }
        found.Add((bare, data[FrameHeader.Size..total].ToArray()));
        return total;
    }

    private async Task HandshakeAsync(FrameHeader header, byte[] body)
    {
        switch (header.Opcode)
        {
            case Opcode.Options:
                await WriteAsync(header.Stream, CqlAnswer.Supported());
                break;
            case Opcode.Startup:
                bool lz4 = new CqlReader(body).ReadStringMap().GetValueOrDefault("COMPRESSION") == "lz4";
                CqlAnswer answer = node.Cluster.Options.Credentials is null
                    ? CqlAnswer.Ready
                    : CqlAnswer.Of(Opcode.Authenticate, writer => writer.WriteString("org.apache.cassandra.auth.PasswordAuthenticator"));
                await WriteAsync(header.Stream, answer);
                segments = new SegmentReader(lz4, MaxFrame);
                segmentWriter = new SegmentWriter(lz4);
                break;
            case Opcode.AuthResponse:
                await WriteAsync(header.Stream, Authenticate(body));
                break;
            case Opcode.Register:
                registered = true;
                await WriteAsync(header.Stream, CqlAnswer.Ready);
                break;
        }
    }

    private CqlAnswer Authenticate(byte[] body)
    {
        (string user, string password) = node.Cluster.Options.Credentials ?? ("", "");
        string token = Encoding.UTF8.GetString(new CqlReader(body).ReadBytes() ?? []);
        return token == $"\0{user}\0{password}"
            ? CqlAnswer.Of(Opcode.AuthSuccess, writer => writer.WriteBytes(null))
            : CqlAnswer.Error(0x0100, "Provided username or password is incorrect");
    }

    private async Task AnswerAsync(FrameHeader header, byte[] body)
    {
        try
        {
            CqlRequest? request = CqlRequestReader.Read(node, header.Opcode, header.Flags.HasFlag(FrameFlags.CustomPayload), body, out byte[] unknownId);
            CqlAnswer? answer = request is null ? CqlAnswer.Error(0x2500, "unprepared", writer => writer.WriteShortBytes(unknownId)) : await ObeyAsync(request);
            if (answer is not null)
            {
                await WriteAsync(header.Stream, answer);
            }
        }
        catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException or OperationCanceledException or MalformedDataException)
        {
            Cut();
        }
    }

    // null: no answer
    private async Task<CqlAnswer?> ObeyAsync(CqlRequest request)
    {
        if (CqlTables.System(node, request) is { } system)
        {
            return node.Cluster.SystemFaults.Take(request) is CqlFault.Error fault ? CqlAnswer.Error(fault.Code, fault.Message) : system;
        }
        node.Cluster.Record(request);
        switch (node.Cluster.Faults.Take(request))
        {
            case CqlFault.Hang:
                return null;
            case CqlFault.Late late:
                CqlAnswer answer = CqlTables.Answer(node, request);
                await late.Until.WaitAsync(closed.Token);
                return answer;
            case CqlFault.Cut cut:
                _ = cut.Applied ? CqlTables.Answer(node, request) : null;
                Cut();
                return null;
            case CqlFault.Unprepared:
                node.ForgetPrepared();
                return CqlAnswer.Error(0x2500, "unprepared", writer => writer.WriteShortBytes(request.PreparedId ?? []));
            case CqlFault.Error error:
                return CqlAnswer.Error(error.Code, error.Message);
            case CqlFault.WriteTimeout timeout:
                _ = timeout.Applied ? CqlTables.Answer(node, request) : null;
                return CqlAnswer.Error(0x1100, "write timeout", writer => Acks(writer, request, 0, 1).WriteString(timeout.WriteType));
            case CqlFault.ReadTimeout timeout:
                return CqlAnswer.Error(
                    0x1200, "read timeout", writer => Acks(writer, request, timeout.Received, timeout.Required).WriteByte((byte)(timeout.DataPresent ? 1 : 0)));
            case CqlFault.Unavailable unavailable:
                return CqlAnswer.Error(0x1000, "unavailable", writer => Acks(writer, request, unavailable.Required, unavailable.Alive));
            default:
                return CqlTables.Answer(node, request);
        }
    }

    private static CqlWriter Acks(CqlWriter writer, CqlRequest request, int first, int second)
    {
        writer.WriteShort((int)request.Consistency);
        writer.WriteInt(first);
        writer.WriteInt(second);
        return writer;
    }

    private async Task WriteAsync(short streamId, CqlAnswer answer)
    {
        using CqlWriter frame = new();
        new FrameHeader(FrameHeader.ResponseV5, FrameFlags.None, streamId, answer.Opcode, answer.Body.Length).Write(frame.Reserve(FrameHeader.Size));
        frame.WriteRaw(answer.Body);
        await writing.WaitAsync();
        try
        {
            using CqlWriter packed = new();
            if (segmentWriter is null)
            {
                packed.WriteRaw(frame.WrittenSpan);
            }
            else
            {
                segmentWriter.Write(frame.WrittenSpan, packed);
            }
            await stream.WriteAsync(packed.WrittenMemory);
        }
        finally
        {
            writing.Release();
        }
    }
}
