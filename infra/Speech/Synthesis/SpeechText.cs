using System.Text;

namespace StreamPlatform.Speech.Synthesis;

/// <summary>Text as engines may be given it.</summary>
internal static class SpeechText
{
    /// <summary>The provider's own bound, characters.</summary>
    public const int MaxChars = 4_096;

    /// <summary>One line without control characters, and without the brackets that make espeak-ng read phonemes ("[[...]]").</summary>
    public static string Plain(string text)
    {
        var plain = new StringBuilder(Math.Min(text.Length, MaxChars));
        foreach (var c in text)
        {
            if (plain.Length == MaxChars)
            {
                break;
            }

            plain.Append(char.IsControl(c) || c is '[' or ']' ? ' ' : c);
        }

        return plain.ToString().Trim();
    }
}
