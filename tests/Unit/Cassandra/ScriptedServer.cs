using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Cassandra.Protocol;

namespace StreamPlatform.Tests.Unit.Cassandra;

/// <summary>The other end of one connection: answers the handshake, hands requests to the test and writes the answers it is told to.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly bool _lz4;
    private readonly X509Certificate2? _certificate;
    private readonly string? _authenticator;
    private readonly Task _running;
    private readonly TaskCompletionSource<Stream> _stream = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();

    public ScriptedServer(Func<FrameHeader, byte[], byte[]?> answer, bool lz4 = false, X509Certificate2? certificate = null, string? authenticator = null)
    {
        _lz4 = lz4;
        _certificate = certificate;
        _authenticator = authenticator;
        _listener.Start();
        _running = RunAsync(answer);
    }

    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>Headers of what came after the handshake.</summary>
    public BlockingCollection<FrameHeader> Requests { get; } = [];

    /// <summary>The frame of an answer.</summary>
    public static byte[] Frame(short stream, Opcode opcode, params byte[] body)
    {
        byte[] frame = new byte[FrameHeader.Size + body.Length];
        new FrameHeader(FrameHeader.ResponseV5, FrameFlags.None, stream, opcode, body.Length).Write(frame);
        body.CopyTo(frame, FrameHeader.Size);
        return frame;
    }

    public static byte[] Void(short stream) => Frame(stream, Opcode.Result, 0, 0, 0, 1);

    public async Task WriteAsync(byte[] frames)
    {
        using CqlWriter to = new();
        new SegmentWriter(_lz4).Write(frames, to);
        await WriteRawAsync(to.ToArray());
    }

    public async Task WriteRawAsync(byte[] bytes) => await (await _stream.Task).WriteAsync(bytes);

    public async Task CutAsync() => (await _stream.Task).Dispose();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _running;
        _stop.Dispose();
        Requests.Dispose();
    }

    private async Task RunAsync(Func<FrameHeader, byte[], byte[]?> answer)
    {
        try
        {
            using TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
            await using Stream stream = await SecureAsync(client.GetStream());
            await HandshakeAsync(stream);
            _stream.TrySetResult(stream);
            await ServeAsync(stream, answer);
        }
        catch (Exception error) when (error is IOException or SocketException or OperationCanceledException or ObjectDisposedException or System.Security.Authentication.AuthenticationException)
        {
        }
    }

    private async Task<Stream> SecureAsync(NetworkStream tcp)
    {
        if (_certificate is null)
        {
            return tcp;
        }
        SslStream tls = new(tcp);
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _stop.Token);
        return tls;
    }

    private async Task HandshakeAsync(Stream stream)
    {
        FrameHeader options = await BareAsync(stream);
        using CqlWriter supported = new();
        supported.WriteShort(1);
        supported.WriteString("COMPRESSION");
        supported.WriteStringList(_lz4 ? ["lz4"] : []);
        await stream.WriteAsync(Frame(options.Stream, Opcode.Supported, supported.ToArray()), _stop.Token);
        FrameHeader startup = await BareAsync(stream);
        using CqlWriter asks = new();
        asks.WriteString(_authenticator ?? "");
        await stream.WriteAsync(_authenticator is null ? Frame(startup.Stream, Opcode.Ready) : Frame(startup.Stream, Opcode.Authenticate, asks.ToArray()), _stop.Token);
    }

    private async Task<FrameHeader> BareAsync(Stream stream)
    {
        byte[] bytes = new byte[FrameHeader.Size];
        await stream.ReadExactlyAsync(bytes, _stop.Token);
        FrameHeader header = FrameHeader.Read(bytes, 1 << 16);
        await stream.ReadExactlyAsync(new byte[header.BodyLength], _stop.Token);
        return header;
    }

    private async Task ServeAsync(Stream stream, Func<FrameHeader, byte[], byte[]?> answer)
    {
        using SegmentReader reader = new(_lz4, 1 << 26);
        byte[] buffer = new byte[1 << 20];
        int length = 0;
        while (await stream.ReadAsync(buffer.AsMemory(length), _stop.Token) is > 0 and int read)
        {
            length += read;
            List<byte> answers = [];
            int consumed = reader.Read(buffer.AsSpan(0, length), (in FrameHeader header, ReadOnlySpan<byte> body) =>
            {
                answers.AddRange(answer(header, body.ToArray()) ?? []);
                Requests.Add(header);
            });
            buffer.AsSpan(consumed, length - consumed).CopyTo(buffer);
            length -= consumed;
            if (answers.Count > 0)
            {
                await WriteAsync([.. answers]);
            }
        }
    }
}
