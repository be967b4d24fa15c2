namespace StreamPlatform.Tests.Unit.Inference.Hostile;

/// <summary>Changes a JPEG as a fuzzer does: bits, bytes, lengths and markers, parts cut out, doubled or taken from another image.</summary>
internal static class JpegMutator
{
    private static readonly byte[] Telling = [0x00, 0x01, 0x7F, 0x80, 0xC0, 0xC1, 0xC2, 0xC4, 0xC9, 0xD0, 0xD8, 0xD9, 0xDA, 0xDB, 0xDC, 0xDD, 0xE1, 0xFE, 0xFF];

    /// <summary>A changed copy: one to four changes, two thirds of them in the headers, which are small and decide most.</summary>
    public static byte[] Mutate(byte[] jpeg, byte[] other, Random random)
    {
        var mutant = jpeg.ToList();
        for (var changes = random.Next(1, 5); changes > 0 && mutant.Count > 16; changes--)
        {
            var at = random.Next(3) < 2 ? random.Next(Math.Min(mutant.Count, 700)) : random.Next(mutant.Count);
            var length = Math.Min(random.Next(1, 200), mutant.Count - at);
            switch (random.Next(7))
            {
                case 0:
                    mutant[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    mutant[at] = (byte)random.Next(256);
                    break;
                case 2:
                    mutant[at] = Telling[random.Next(Telling.Length)];
                    break;
                case 3:
                    mutant.InsertRange(at, [0xFF, Telling[random.Next(Telling.Length)]]);
                    break;
                case 4:
                    mutant.RemoveRange(at, length);
                    break;
                case 5:
                    mutant.InsertRange(at, mutant.GetRange(at, length));
                    break;
                default:
                    mutant.InsertRange(at, other.AsSpan(Math.Min(at, other.Length)).ToArray().Take(length));
                    break;
            }
        }

        return [.. mutant];
    }
}
