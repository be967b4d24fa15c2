using System.Collections;
using System.Runtime.CompilerServices;
using Cassandra.Protocol;

namespace Cassandra.Codec;

/// <summary>From the natural .NET type of a CQL value to the one that a caller asks for.</summary>
internal static class ValueConversion
{
    /// <exception cref="InvalidTypeException">They do not fit; also for null where the type has none.</exception>
    public static object? To(object? value, Type wanted, CqlType type)
    {
        Type bare = Nullable.GetUnderlyingType(wanted) ?? wanted;
        if (value is null)
        {
            return !wanted.IsValueType || bare != wanted ? null : throw new InvalidTypeException($"A null {type.Code} cannot be read as {wanted.Name}.");
        }
        if (bare.IsInstanceOfType(value))
        {
            return value;
        }
        object? converted = value switch
        {
            sbyte or short or int or float => Widen(value, bare),
            DateTimeOffset moment when bare == typeof(DateTime) => moment.UtcDateTime,
            LocalDate date when bare == typeof(DateOnly) => date.ToDateOnly(),
            LocalTime time when bare == typeof(TimeOnly) => time.ToTimeOnly(),
            TimeUuid id when bare == typeof(Guid) => id.ToGuid(),
            Guid id when bare == typeof(TimeUuid) && id.Version == 1 => TimeUuid.FromGuid(id),
            IDictionary map => Map(map, bare, type),
            IEnumerable items when value is not string and not byte[] => Sequence(items, bare, type),
            ITuple tuple => Tuple(tuple, bare, type),
            _ => null,
        };
        return converted ?? throw new InvalidTypeException($"A {type.Code} cannot be read as {wanted}.");
    }

    private static object? Widen(object value, Type wanted) => (value, wanted) switch
    {
        (sbyte or short, _) when wanted == typeof(int) => Convert.ToInt32(value, null),
        (sbyte, _) when wanted == typeof(short) => Convert.ToInt16(value, null),
        (sbyte or short or int, _) when wanted == typeof(long) => Convert.ToInt64(value, null),
        (float, _) when wanted == typeof(double) => Convert.ToDouble(value, null),
        _ => null,
    };

    private static object? Sequence(IEnumerable items, Type wanted, CqlType type)
    {
        if (wanted.IsArray)
        {
            return Typed(items, wanted.GetElementType()!, type);
        }
        if (!wanted.IsGenericType || wanted.GetGenericArguments() is not [Type element])
        {
            return null;
        }
        Array array = Typed(items, element, type);
        if (wanted.IsInstanceOfType(array))
        {
            return array;
        }
        foreach (Type made in (Type[])[typeof(List<>), typeof(HashSet<>), typeof(SortedSet<>), typeof(CqlVector<>)])
        {
            Type concrete = made.MakeGenericType(element);
            if (wanted.IsAssignableFrom(concrete))
            {
                return Activator.CreateInstance(concrete, array);
            }
        }
        return null;
    }

    private static Array Typed(IEnumerable items, Type element, CqlType type)
    {
        object?[] values = [.. items.Cast<object?>().Select(item => To(item, element, type.Elements[0]))];
        Array array = Array.CreateInstance(element, values.Length);
        Array.Copy(values, array, values.Length);
        return array;
    }

    private static object? Map(IDictionary map, Type wanted, CqlType type)
    {
        if (type.Code != ColumnTypeCode.Map || !wanted.IsGenericType || wanted.GetGenericArguments() is not [Type key, Type value])
        {
            return null;
        }
        foreach (Type made in (Type[])[typeof(Dictionary<,>), typeof(SortedDictionary<,>)])
        {
            Type concrete = made.MakeGenericType(key, value);
            if (!wanted.IsAssignableFrom(concrete))
            {
                continue;
            }
            IDictionary result = (IDictionary)Activator.CreateInstance(concrete)!;
            foreach (DictionaryEntry entry in map)
            {
                result[To(entry.Key, key, type.Elements[0])!] = To(entry.Value, value, type.Elements[1]);
            }
            return result;
        }
        return null;
    }

    private static object? Tuple(ITuple tuple, Type wanted, CqlType type)
    {
        Type[] parts = wanted.IsGenericType ? wanted.GetGenericArguments() : [];
        return typeof(ITuple).IsAssignableFrom(wanted) && parts.Length == tuple.Length && parts.Length == type.Elements.Count
            ? Activator.CreateInstance(wanted, [.. Enumerable.Range(0, parts.Length).Select(i => To(tuple[i], parts[i], type.Elements[i]))])
            : null;
    }
}
