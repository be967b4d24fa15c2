using Cassandra.Protocol;

namespace Cassandra.Codec;

/// <summary>Which elements a vector packs without lengths.</summary>
internal static class VectorLayout
{
    /// <summary>Bytes of an element of fixed width, a vector of such elements among them; -1 for the others.</summary>
    public static int FixedSize(CqlType type)
    {
        if (type.Code != ColumnTypeCode.Vector)
        {
            return ScalarCodec.FixedSize(type.Code);
        }
        long size = (long)FixedSize(type.Elements[0]) * type.Dimensions;
        return size is >= 0 and <= int.MaxValue ? (int)size : -1;
    }
}
