namespace StreamPlatform.Tests.Unit.Speech;

/// <summary>The packets of an Ogg file with one stream. Source: RFC 3533, section 6.</summary>
internal static class OggPackets
{
    private const int HeaderBytes = 27;

    public static IReadOnlyList<byte[]> Read(byte[] file)
    {
        List<byte[]> packets = [];
        List<byte> packet = [];
        for (int at = 0; at < file.Length;)
        {
            int segments = file[at + HeaderBytes - 1];
            int data = at + HeaderBytes + segments;
            for (int i = 0; i < segments; i++)
            {
                int length = file[at + HeaderBytes + i];
                packet.AddRange(file.AsSpan(data, length));
                data += length;
                if (length < 255)
                {
                    packets.Add([.. packet]);
                    packet.Clear();
                }
            }
            at = data;
        }
        return packets;
    }
}
