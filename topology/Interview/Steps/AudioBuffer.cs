using Google.Protobuf;
using StreamPlatform.Streams;
using StreamPlatform.Topology.Speech;
using StreamPlatform.Topology.State;

namespace StreamPlatform.Topology.Steps;

/// <summary>The samples of an answer's open segment, one entry of keyed state per chunk.</summary>
internal sealed class AudioBuffer
{
    private const string Prefix = "c";

    private readonly IKeyContext<AudioEntry> context;
    private readonly List<Piece> pieces;

    public AudioBuffer(IKeyContext<AudioEntry> context)
    {
        this.context = context;
        pieces = [.. context.All().Where(e => e.Sub.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(e => new Piece(e.Sub, long.Parse(e.Sub.AsSpan(Prefix.Length)), e.Value.Pcm16))];
    }

    /// <summary>Keeps a chunk's samples.</summary>
    /// <param name="startSample">Of its first one, from the answer's first.</param>
    public void Add(long startSample, ByteString pcm16)
    {
        if (pcm16.IsEmpty)
        {
            return;
        }

        var piece = new Piece($"{Prefix}{startSample:D12}", startSample, pcm16);
        pieces.Add(piece);
        context.Put(new AudioEntry { Pcm16 = pcm16 }, piece.Sub);
    }

    /// <summary>Lets go of chunks that end before a sample.</summary>
    public void DropBefore(long sample)
    {
        foreach (var piece in pieces.Where(p => p.EndSample <= sample))
        {
            context.Delete(piece.Sub);
        }
    }

    /// <summary>A segment's samples; nothing when it has no speech.</summary>
    public byte[] Samples(SpeechSegment segment)
    {
        if (segment.SpeechSamples == 0)
        {
            return [];
        }

        var samples = new byte[(segment.EndSample - segment.StartSample) * 2];
        foreach (var piece in pieces)
        {
            var from = Math.Max(piece.StartSample, segment.StartSample);
            var to = Math.Min(piece.EndSample, segment.EndSample);
            if (from < to)
            {
                piece.Pcm16.Span[(int)((from - piece.StartSample) * 2)..(int)((to - piece.StartSample) * 2)]
                    .CopyTo(samples.AsSpan((int)((from - segment.StartSample) * 2)));
            }
        }

        return samples;
    }

    private sealed record Piece(string Sub, long StartSample, ByteString Pcm16)
    {
        public long EndSample => StartSample + (Pcm16.Length / 2);
    }
}
