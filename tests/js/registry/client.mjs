// Calls methods of npm @confluentinc/schemaregistry's client, one after another.
// stdin: {registry, calls: [[method, ...arguments]]}; stdout: [{ok: answer} | {status, code, message}], one per call
import sr from '@confluentinc/schemaregistry';

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const { registry, calls } = JSON.parse(Buffer.concat(chunks).toString('utf8'));

const results = [];
for (const [method, ...args] of calls) {
  // a client per call: its cache must not answer for the registry
  const client = new sr.SchemaRegistryClient({ baseURLs: [registry], maxRetries: 0 });
  try {
    results.push({ ok: (await client[method](...args)) ?? null });
  } catch (error) {
    results.push({ status: error.status ?? 0, code: error.errorCode ?? 0, message: `${error.message ?? error}` });
  }
}
process.stdout.write(JSON.stringify(results));
