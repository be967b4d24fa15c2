using Cassandra.Protocol;
using System.Net;
namespace Cassandra;
internal static class CqlCodec {
  public static void WriteValue(CqlWriter w, CqlType t, object? v) => throw new NotImplementedException();
  public static CqlType Guess(object v) => throw new NotImplementedException();
  public static object? Read(CqlType t, ReadOnlySpan<byte> c) => throw new NotImplementedException();
  public static T Read<T>(CqlType t, ReadOnlySpan<byte> c) => throw new NotImplementedException();
}
