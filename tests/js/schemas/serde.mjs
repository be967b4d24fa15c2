// Serialises and deserialises with npm @confluentinc/schemaregistry, for comparison with the platform's own serdes.
// stdin: {registry, descriptors: base64 FileDescriptorSet, jobs: [{topic, type, register, json} | {topic, type, base64}]}
// stdout: [{base64} | {json, type} | {error}], one per job, in order
import { createFileRegistry, fromBinary, fromJson, toJson } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import sr from '@confluentinc/schemaregistry';

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const input = JSON.parse(Buffer.concat(chunks).toString('utf8'));

const files = createFileRegistry(fromBinary(FileDescriptorSetSchema, Buffer.from(input.descriptors, 'base64')));
const client = new sr.SchemaRegistryClient({ baseURLs: [input.registry], maxRetries: 0 });
const results = [];
for (const job of input.jobs) {
  try {
    if (job.json !== undefined) {
      const type = files.getMessage(job.type);
      const serializer = new sr.ProtobufSerializer(client, sr.SerdeType.VALUE, { autoRegisterSchemas: Boolean(job.register) });
      serializer.registry.add(type);
      const bytes = await serializer.serialize(job.topic, fromJson(type, job.json));
      results.push({ base64: Buffer.from(bytes).toString('base64') });
    } else {
      const deserializer = new sr.ProtobufDeserializer(client, sr.SerdeType.VALUE, {});
      const message = await deserializer.deserialize(job.topic, Buffer.from(job.base64, 'base64'));
      results.push({ type: message.$typeName, json: toJson(files.getMessage(message.$typeName), message, { useProtoFieldName: true }) });
    }
  } catch (error) {
    results.push({ error: `${error.stack ?? error}` });
  }
}
process.stdout.write(JSON.stringify(results));
