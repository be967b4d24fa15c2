using System.Text;

namespace StreamPlatform.EmotionSeries;

/// <summary>Order of text as Cassandra (and PostgreSQL's collation "C") has it: by UTF-8 bytes, which differs from UTF-16's beyond U+FFFF.</summary>
internal static class CodePoints
{
    public static int Compare(string a, string b)
    {
        var (left, right) = (a.EnumerateRunes(), b.EnumerateRunes());
        while (true)
        {
            var (more, moreRight) = (left.MoveNext(), right.MoveNext());
            if (!more || !moreRight)
            {
                return more.CompareTo(moreRight);
            }

            if (left.Current != right.Current)
            {
                return left.Current.CompareTo(right.Current);
            }
        }
    }
}
