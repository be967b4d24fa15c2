using System.Buffers.Binary;
using System.Text;

namespace StreamPlatform.Streams;

/// <summary>Key of a changelog record: length of the key's UTF-8 bytes (uint32 big-endian), those bytes, the sub-key's bytes.</summary>
internal static class ChangelogKey
{
    public static byte[] Write(string key, string sub)
    {
        var keyLength = Encoding.UTF8.GetByteCount(key);
        var bytes = new byte[4 + keyLength + Encoding.UTF8.GetByteCount(sub)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)keyLength);
        Encoding.UTF8.GetBytes(key, bytes.AsSpan(4));
        Encoding.UTF8.GetBytes(sub, bytes.AsSpan(4 + keyLength));
        return bytes;
    }

    /// <exception cref="SerializationException">Not such a key.</exception>
    public static (string Key, string Sub) Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 4) throw new SerializationException($"a changelog key of {bytes.Length} bytes");
        var keyLength = (int)BinaryPrimitives.ReadUInt32BigEndian(bytes);
        if (keyLength < 0 || keyLength > bytes.Length - 4) throw new SerializationException($"a changelog key whose length field is {keyLength}");
        return (Encoding.UTF8.GetString(bytes.Slice(4, keyLength)), Encoding.UTF8.GetString(bytes[(4 + keyLength)..]));
    }
}
