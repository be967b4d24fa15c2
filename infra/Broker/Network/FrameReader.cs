using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Network;

/// <summary>One received request: pooled bytes, counted against the budget until <see cref="Dispose"/>.</summary>
internal readonly struct Frame(byte[] buffer, int length, ByteBudget budget) : IDisposable
{
    public ReadOnlyMemory<byte> Bytes => buffer.AsMemory(0, length);

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(buffer);
        budget.Release(length);
    }
}

/// <summary>Cuts a socket's bytes into frames (int32 length, then that many bytes). Small frames come out of a read-ahead buffer, large bodies are received in place.</summary>
internal sealed class FrameReader(Socket socket, int maxFrameBytes, ByteBudget budget) : IDisposable
{
    private const int ReadAheadBytes = 16 * 1024;
    // api key, version, correlation id
    private const int MinFrameBytes = 8;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(ReadAheadBytes);
    private int _start;
    private int _end;

    /// <summary>The next frame, or null when the client has closed (between or inside frames). <see cref="MalformedRequestException"/> on an impossible length.</summary>
    public async ValueTask<Frame?> ReadAsync(CancellationToken cancel)
    {
        while (_end - _start < sizeof(int))
        {
            if (!await MoreAsync(cancel).ConfigureAwait(false))
            {
                return null;
            }
        }
        var length = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(_start));
        if (length < MinFrameBytes || length > maxFrameBytes)
        {
            throw new MalformedRequestException($"frame of {length} bytes; accepted are {MinFrameBytes} to {maxFrameBytes}");
        }
        _start += sizeof(int);
        await budget.AcquireAsync(length, cancel).ConfigureAwait(false);
        var body = ArrayPool<byte>.Shared.Rent(length);
        var have = Math.Min(length, _end - _start);
        _buffer.AsSpan(_start, have).CopyTo(body);
        _start += have;
        try
        {
            while (have < length)
            {
                var read = await socket.ReceiveAsync(body.AsMemory(have, length - have), SocketFlags.None, cancel).ConfigureAwait(false);
                if (read == 0)
                {
                    new Frame(body, length, budget).Dispose();
                    return null;
                }
                have += read;
            }
        }
        catch
        {
            new Frame(body, length, budget).Dispose();
            throw;
        }
        return new Frame(body, length, budget);
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private async ValueTask<bool> MoreAsync(CancellationToken cancel)
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }
        else if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }
        var read = await socket.ReceiveAsync(_buffer.AsMemory(_end), SocketFlags.None, cancel).ConfigureAwait(false);
        _end += read;
        return read > 0;
    }
}
