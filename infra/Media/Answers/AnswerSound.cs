using StreamPlatform.Media.Objects;
using StreamPlatform.Media.Vault;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ports;
using StreamPlatform.Topology.Speech;

namespace StreamPlatform.Media.Answers;

/// <summary>
/// The sound of one answer (or a part of it) as a file that browsers play: WAV for PCM16, Ogg with the packets as they came for Opus. The file has no name from its
/// first moment: what ends the process ends the file.
/// </summary>
internal sealed class AnswerSound : IDisposable
{
    private readonly FileStream file;
    private readonly OggOpusPages? pages;
    private long soundBytes;
    private long samples;

    /// <param name="first">A chunk with consent; it is not added yet.</param>
    /// <param name="offset">Of its record.</param>
    public AnswerSound(AudioChunk first, int partition, long offset)
    {
        (Partition, Offset, LastSequence) = (partition, offset, first.Sequence);
        First = first.Clone();
        First.Data = Google.Protobuf.ByteString.Empty;
        pages = first.Codec == AudioCodec.Opus ? new OggOpusPages() : null;
        file = OwnerOnly.CreateNameless();
    }

    /// <summary>The chunk that it begins with, without its data.</summary>
    public AudioChunk First { get; }

    public int Partition { get; }

    /// <summary>Of the record that it begins with.</summary>
    public long Offset { get; }

    public long LastSequence { get; private set; }

    public long Bytes => file.Length;

    public long DurationMs => pages is null ? soundBytes / WaveHeader.BytesPerMs : samples / SpeechSegmenter.SamplesPerMs;

    /// <summary>A chunk goes on with this file.</summary>
    public bool Continues(AudioChunk chunk) => chunk.QuestionIndex == First.QuestionIndex && chunk.Codec == First.Codec;

    /// <summary>Adds a chunk's sound.</summary>
    /// <exception cref="UnreadableAudioException">It is none; nothing was added.</exception>
    public void Add(AudioChunk chunk)
    {
        if (pages is null)
        {
            AddPcm(chunk);
        }
        else
        {
            AddOpus(chunk.Data.Span);
        }

        LastSequence = chunk.Sequence;
    }

    /// <summary>What the object is to hold, and of what; null when there is no sound. Nothing can be added after it.</summary>
    /// <remarks>The stream is the file itself: it is closed with it.</remarks>
    public (MediaSource Source, Stream Content)? Finish()
    {
        if (soundBytes == 0)
        {
            return null;
        }

        if (pages is null)
        {
            file.Position = 0;
            file.Write(WaveHeader.Of(soundBytes));
        }
        else
        {
            file.Write(pages.End());
        }

        file.Position = 0;
        var (suffix, type) = pages is null ? ("wav", "audio/wav") : ("ogg", "audio/ogg");
        var part = new AnswerPart(First.QuestionIndex, First.Sequence, LastSequence, DurationMs);
        return (new(MediaKinds.Answer, First.Tenant, First.SessionId, First.Recording.CandidateId, $"answer-{First.QuestionIndex + 1}.{suffix}", type, part), file);
    }

    public void Dispose() => file.Dispose();

    private void AddPcm(AudioChunk chunk)
    {
        if (chunk.Codec != AudioCodec.Pcm16 || chunk.Data.Length % 2 != 0)
        {
            throw new UnreadableAudioException($"{chunk.Codec} of {chunk.Data.Length} bytes is not PCM16");
        }

        if (soundBytes == 0)
        {
            file.Position = WaveHeader.Bytes; // filled in at the end, when the length is known
        }

        file.Write(chunk.Data.Span);
        soundBytes += chunk.Data.Length;
    }

    private void AddOpus(ReadOnlySpan<byte> data)
    {
        const byte stereo = 4; // RFC 6716, section 3.1
        foreach (var packet in OpusPackets.Read(data))
        {
            var bytes = data.Slice(packet.Offset, packet.Length);
            if (soundBytes == 0)
            {
                file.Write(pages!.Head((bytes[0] & stereo) != 0 ? 2 : 1));
            }

            file.Write(pages!.Add(bytes, packet.Samples));
            soundBytes += packet.Length;
            samples += packet.Samples;
        }
    }
}
