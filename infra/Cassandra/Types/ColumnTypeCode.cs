namespace Cassandra;

/// <summary>Kinds of CQL types; the numbers are the option ids of the wire (native protocol v5, section 4.2.5.2), but for <see cref="Vector"/>, which travels as a custom type.</summary>
public enum ColumnTypeCode
{
    Custom = 0x0000,
    Ascii = 0x0001,
    Bigint = 0x0002,
    Blob = 0x0003,
    Boolean = 0x0004,
    Counter = 0x0005,
    Decimal = 0x0006,
    Double = 0x0007,
    Float = 0x0008,
    Int = 0x0009,
    Text = 0x000A,
    Timestamp = 0x000B,
    Uuid = 0x000C,
    Varchar = 0x000D,
    Varint = 0x000E,
    Timeuuid = 0x000F,
    Inet = 0x0010,
    Date = 0x0011,
    Time = 0x0012,
    SmallInt = 0x0013,
    TinyInt = 0x0014,
    Duration = 0x0015,
    List = 0x0020,
    Map = 0x0021,
    Set = 0x0022,
    Udt = 0x0030,
    Tuple = 0x0031,

    /// <summary>Never on the wire under this number: read from the class name of a custom type.</summary>
    Vector = 0x10000,
}
