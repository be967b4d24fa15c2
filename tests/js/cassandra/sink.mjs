// Writes rows with npm cassandra-driver as fast as it can, for `bench sink-cassandra`.
// In (argv): PORT KEYSPACE ROWS_FILE CONCURRENCY CONNECTIONS MODE. MODE: "single" = executeConcurrent with a prepared statement, "batch" = unlogged batches by partition, 100 rows each.
// ROWS_FILE: first line the INSERT and the kinds of its values, then one JSON array per row; null = unset. What is timed begins after everything is in memory and a warm-up.
// Out: {"records_per_s", "seconds", "client_us_per_row"}.
import cassandra from 'cassandra-driver';
import { readFileSync } from 'node:fs';

const { types, concurrent } = cassandra;
const [port, keyspace, file, concurrency, connections, mode] = process.argv.slice(2);
const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
const { insert, kinds } = JSON.parse(lines[0]);
const convert = { bigint: (v) => types.Long.fromString(v), timestamp: (v) => new Date(v) };
const rows = lines.slice(1).map((line) => JSON.parse(line).map((value, i) => (value === null ? types.unset : convert[kinds[i]] ? convert[kinds[i]](value) : value)));

const client = new cassandra.Client({
  contactPoints: [`127.0.0.1:${port}`], localDataCenter: 'datacenter1', keyspace,
  pooling: { coreConnectionsPerHost: { [types.distance.local]: Number(connections) }, maxRequestsPerConnection: 32768 },
  queryOptions: { consistency: types.consistencies.localQuorum, prepare: true, isIdempotent: true },
  socketOptions: { readTimeout: 60000 },
});

// Every request of the batches, built before the clock starts: [[{query, params}, ...], ...].
function batches(all) {
  const parts = new Map();
  for (const row of all) {
    const key = `${row[0]}/${row[1]}`;
    if (!parts.has(key)) parts.set(key, []);
    parts.get(key).push({ query: insert, params: row });
  }
  return [...parts.values()].flatMap((part) => Array.from({ length: Math.ceil(part.length / 100) }, (_, i) => part.slice(i * 100, (i + 1) * 100)));
}

async function write(work) {
  if (mode === 'single') {
    await concurrent.executeConcurrent(client, insert, work, { concurrencyLevel: Number(concurrency), collectResults: false });
    return;
  }
  let next = 0;
  const lane = async () => {
    while (next < work.length) await client.batch(work[next++], { prepare: true, logged: false });
  };
  await Promise.all(Array.from({ length: Number(concurrency) }, lane));
}

await client.connect();
try {
  const warm = rows.slice(0, Math.min(rows.length, 20000));
  await write(mode === 'single' ? warm : batches(warm));
  const work = mode === 'single' ? rows : batches(rows);
  const used = process.cpuUsage();
  const start = process.hrtime.bigint();
  await write(work);
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const cpu = process.cpuUsage(used);
  process.stdout.write(JSON.stringify({ records_per_s: Math.round(rows.length / seconds), seconds, client_us_per_row: Math.round((cpu.user + cpu.system) / rows.length * 100) / 100 }) + '\n');
} finally {
  await client.shutdown();
}
