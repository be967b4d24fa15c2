using System.Buffers;

namespace Cassandra.Protocol;

/// <summary>The two loops of a connection.</summary>
internal sealed partial class Connection
{
    /// <summary>A write buffer that once had to be larger is given back when it is this large.</summary>
    private const int KeepBufferBytes = 1 << 20;

    private async Task WriteLoopAsync()
    {
        CqlWriter segments = new(64 << 10);
        try
        {
            while (true)
            {
                if (!TakePending())
                {
                    await _writerWake.WaitAsync().ConfigureAwait(false);
                    if (!IsOpen)
                    {
                        return;
                    }
                    // Behind the callers that are ready now: what they send leaves in the same write.
                    await Task.Yield();
                    continue;
                }
                _segmentWriter.Write(_writing.WrittenSpan, segments);
                _writing.Clear();
                await _stream.WriteAsync(segments.WrittenMemory, _stop.Token).ConfigureAwait(false);
                segments.Clear();
                segments.Shrink(KeepBufferBytes);
                _writing.Shrink(KeepBufferBytes);
            }
        }
        catch (Exception error)
        {
            // Whatever it was: a loop that ends without closing would leave callers waiting.
            Close(error);
        }
        finally
        {
            segments.Dispose();
        }
    }

    /// <summary>Swaps the buffers; false when there is nothing to write, and then the next request wakes the loop.</summary>
    private bool TakePending()
    {
        lock (_gate)
        {
            if (_pending.Length == 0)
            {
                _writerIdle = true;
                return false;
            }
            (_pending, _writing) = (_writing, _pending);
            foreach (PendingRequest request in _unsent)
            {
                request.Sent = true;
            }
            _unsent.Clear();
            WakeWaiters();
            return true;
        }
    }

    private async Task ReadLoopAsync()
    {
        // Twice a segment: what is left of one never keeps a read small.
        byte[] buffer = ArrayPool<byte>.Shared.Rent(SegmentReader.MaxSegmentSize * 2);
        FrameHandler handler = Handle;
        int length = 0;
        try
        {
            while (true)
            {
                int read = await _stream.ReadAsync(buffer.AsMemory(length), _stop.Token).ConfigureAwait(false);
                if (read == 0)
                {
                    throw new IOException("The server closed the connection.");
                }
                Volatile.Write(ref _lastRead, _time.GetTimestamp());
                length += read;
                int consumed = _segmentReader.Read(buffer.AsSpan(0, length), handler);
                length -= consumed;
                if (consumed > 0 && length > 0)
                {
                    buffer.AsSpan(consumed, length).CopyTo(buffer);
                }
            }
        }
        catch (Exception error)
        {
            // Whatever it was: a loop that ends without closing would leave callers waiting.
            Close(error);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            _segmentReader.Dispose();
        }
    }

    private void Handle(in FrameHeader header, ReadOnlySpan<byte> body)
    {
        if (header.Stream < 0)
        {
            Dispatch(ResponseDecoder.Read(header, body));
            return;
        }
        if (header.Stream >= _streams.Length)
        {
            throw new MalformedDataException($"An answer on stream {header.Stream}, which is not ours.");
        }
        PendingRequest request = Volatile.Read(ref _streams[header.Stream]);
        long use = request.ActiveUse();
        if (use == 0)
        {
            TakeLateAnswer(header.Stream);
            return;
        }
        // Before the claim: were it malformed, the request would fail with the connection.
        Response response = ResponseDecoder.Read(header, body);
        if (request.TryClaim(use))
        {
            request.Complete(response);
        }
        else
        {
            TakeLateAnswer(header.Stream);
        }
    }

    private void TakeLateAnswer(short stream)
    {
        lock (_gate)
        {
            if (!_open)
            {
                return;
            }
            if (!_streams[stream].IsAwaitingLateAnswer)
            {
                throw new MalformedDataException($"An answer on stream {stream}, where nothing was asked.");
            }
            _orphans--;
            _streams[stream] = new PendingRequest(stream, this);
            Free(stream);
        }
    }

    private void Dispatch(Response response)
    {
        switch (response)
        {
            case EventResponse change:
                try
                {
                    Event?.Invoke(change);
                }
                catch (Exception error)
                {
                    // A handler's fault must not end the connection.
                    CassandraLog.EventHandlerFailed(_log, error);
                }
                break;
            case ErrorResponse error:
                // Sent without a stream: the server could not make sense of what it got, and closes.
                throw error.ToException(_endPoint);
            default:
                throw new MalformedDataException($"A {response.GetType().Name} on stream -1.");
        }
    }
}
