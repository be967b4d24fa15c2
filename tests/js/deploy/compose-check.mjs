// node compose-check.mjs SCHEMA.json FILE.json: validates a compose file (already turned into JSON) and prints each violation on a line; exit 1 if there is one.
import { readFileSync } from 'node:fs';
import Ajv2019 from 'ajv/dist/2019.js';

const [schemaFile, documentFile] = process.argv.slice(2);
const schema = withoutOldIds(JSON.parse(readFileSync(schemaFile, 'utf8')));
schema.$schema = 'https://json-schema.org/draft/2019-09/schema'; // the file writes http and a trailing #
const ajv = new Ajv2019.default({ allErrors: true, strict: false });
ajv.addFormat('duration', /^(\d+(\.\d+)?(us|ms|s|m|h))+$/); // as Go writes it, not ISO 8601
ajv.addFormat('ports', /^((\[?[\w.:$]+\]?:)?[\w$:-]*\d)(\/(tcp|udp))?$/);
ajv.addFormat('expose', /^\d+(-\d+)?(\/[a-z]+)?$/);
ajv.addFormat('subnet_ip_address', true);

const validate = ajv.compile(schema);
if (!validate(JSON.parse(readFileSync(documentFile, 'utf8')))) {
  for (const error of validate.errors) console.log(`${error.instancePath || '/'} ${error.message} ${JSON.stringify(error.params)}`);
  process.exit(1);
}

// "id" is the draft-4 keyword (a property named "id" holds an object, not a string).
function withoutOldIds(node) {
  if (Array.isArray(node)) return node.map(withoutOldIds);
  if (node === null || typeof node !== 'object') return node;
  return Object.fromEntries(Object.entries(node).filter(([key, value]) => key !== 'id' || typeof value !== 'string').map(([key, value]) => [key, withoutOldIds(value)]));
}
