// Reads or writes one row of every CQL type with npm cassandra-driver, for tests/Conformance/Cassandra.
// In: {"port", "table", "columns": [...], "read": id} or {..., "write": id}. Out: {"column": "canonical text", ...} or {}.
import cassandra from 'cassandra-driver';
import { text } from 'node:stream/consumers';

const { types } = cassandra;
const input = JSON.parse(await text(process.stdin));

const values = {
  c_ascii: 'plain', c_bigint: types.Long.fromString('-9007199254740993'), c_blob: Buffer.from('00ff10', 'hex'), c_boolean: true,
  c_date: types.LocalDate.fromString('2024-02-29'), c_decimal: types.BigDecimal.fromString('-12345.6700'), c_double: -1.5e300,
  c_duration: new types.Duration(-1, -2, types.Long.fromNumber(-3)), c_float: 0.15625, c_inet: types.InetAddress.fromString('192.0.2.7'),
  c_inet6: types.InetAddress.fromString('2001:db8::1'), c_int: -2147483648, c_smallint: -32768, c_text: 'Grüße 🎉',
  c_time: types.LocalTime.fromString('12:34:56.123456789'), c_timestamp: new Date(1732790096123),
  c_timeuuid: types.TimeUuid.fromString('50554d6e-29bb-11e5-b345-feff819cdc9f'), c_tinyint: -128,
  c_uuid: types.Uuid.fromString('d8e5c4f0-0b9f-4d4e-8a44-6f0a9a2c1b3d'), c_varint: types.Integer.fromString('-123456789012345678901234567890'),
  c_list: ['b', 'a'], c_set: [1, 2, 3], c_map: { a: 1, b: 2 }, c_tuple: new types.Tuple(7, 'seven'),
  c_udt: { street: 'Main', number: 5 }, c_vector: new types.Vector([1, 2.5, -3], 'float'), c_textvector: new types.Vector(['x', 'yz'], 'text'),
  c_nested: { k: [new types.Tuple(1, 'one')] },
};

function canonical(value) {
  if (value === null || value === undefined) return 'null';
  if (Buffer.isBuffer(value)) return value.toString('hex');
  if (value instanceof Date) return String(value.getTime());
  if (value instanceof types.Duration) return `${value.months}mo${value.days}d${value.nanoseconds}ns`;
  if (value instanceof types.Tuple) return `(${value.elements.map(canonical).join(',')})`;
  if (value instanceof types.Vector) return `[${Array.from(value).map(canonical).join(',')}]`;
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (Object.getPrototypeOf(value) === Object.prototype) {
    return `{${Object.keys(value).sort().map((key) => `${key}:${canonical(value[key])}`).join(',')}}`;
  }
  return value.toString();
}

const client = new cassandra.Client({ contactPoints: [`127.0.0.1:${input.port}`], localDataCenter: 'datacenter1', socketOptions: { readTimeout: 30000 } });
try {
  await client.connect();
  if (input.write !== undefined) {
    const marks = input.columns.map(() => '?').join(', ');
    await client.execute(
      `INSERT INTO ${input.table} (id, ${input.columns.join(', ')}) VALUES (?, ${marks})`,
      [input.write, ...input.columns.map((column) => values[column])], { prepare: true });
    process.stdout.write('{}');
  } else {
    const { rows } = await client.execute(`SELECT ${input.columns.join(', ')} FROM ${input.table} WHERE id = ?`, [input.read], { prepare: true });
    process.stdout.write(JSON.stringify(Object.fromEntries(input.columns.map((column) => [column, canonical(rows[0][column])]))));
  }
} finally {
  await client.shutdown();
}
