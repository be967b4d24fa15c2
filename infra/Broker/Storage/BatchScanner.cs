using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace StreamPlatform.Broker.Storage;

/// <summary>Walks over the batches of a segment file from one position to another. Without bodies it reads in steps and hops from header to header.</summary>
internal sealed class BatchScanner(SafeFileHandle file, int position, int end, int bufferBytes = SegmentIndex.IntervalBytes) : IDisposable
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(bufferBytes);
    private int _bufferStart;
    private int _bufferLength;
    private int _next = position;

    /// <summary>Position of the current batch.</summary>
    public int Position { get; private set; } = position;

    /// <summary>Position after the last batch that was read.</summary>
    public int NextPosition => _next;

    public BatchHeader Current { get; private set; }

    /// <summary>False at the end, or where the next bytes are no whole batch.</summary>
    public bool MoveNext()
    {
        if (end - _next < BatchHeader.Size || !Fill(_next, BatchHeader.Size))
        {
            return false;
        }
        var header = BatchHeader.Parse(_buffer.AsSpan(_next - _bufferStart));
        if (header.BatchLength < BatchHeader.Size - BatchHeader.Overhead || header.Magic != 2 || header.LastOffsetDelta < 0
            || header.BatchLength > end - _next - BatchHeader.Overhead)
        {
            return false;
        }
        Position = _next;
        _next += header.TotalBytes;
        Current = header;
        return true;
    }

    /// <summary>All bytes of the current batch, valid until the next call. Empty if the file is shorter than expected.</summary>
    public ReadOnlyMemory<byte> Body() =>
        Fill(Position, Current.TotalBytes) ? _buffer.AsMemory(Position - _bufferStart, Current.TotalBytes) : ReadOnlyMemory<byte>.Empty;

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private bool Fill(int from, int count)
    {
        if (from >= _bufferStart && from + count <= _bufferStart + _bufferLength)
        {
            return true;
        }
        if (_buffer.Length < count)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = ArrayPool<byte>.Shared.Rent(count);
        }
        _bufferStart = from;
        _bufferLength = 0;
        var wanted = Math.Min(_buffer.Length, end - from);
        while (_bufferLength < wanted)
        {
            var read = RandomAccess.Read(file, _buffer.AsSpan(_bufferLength, wanted - _bufferLength), from + _bufferLength);
            if (read == 0)
            {
                break;
            }
            _bufferLength += read;
        }
        return _bufferLength >= count;
    }
}
