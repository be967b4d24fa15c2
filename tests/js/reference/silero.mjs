// Writes silero.json: the model's speech probability of every 512 samples of the five clips of pocketsphinx-testdata.
//
// Usage: npm install onnxruntime-web@1.22.0; node silero.mjs MODEL.onnx > silero.json
//
// The wrapper is that of silero-vad (src/silero_vad/utils_vad.py, class OnnxWrapper): 64 samples of context before each frame, state
// 2x1x128; the runtime is Microsoft's own build of ONNX Runtime to WebAssembly, not the native one that the platform uses.
import { readdirSync, readFileSync } from 'node:fs';
import * as ort from 'onnxruntime-web';

const CLIPS = '/usr/share/pocketsphinx/test/data/librivox';
const FRAME = 512;
const CONTEXT = 64;

ort.env.wasm.numThreads = 1;
const session = await ort.InferenceSession.create(readFileSync(process.argv[2]), { executionProviders: ['wasm'] });

async function probabilities(samples) {
  let state = new ort.Tensor('float32', new Float32Array(256), [2, 1, 128]);
  const sr = new ort.Tensor('int64', BigInt64Array.of(16_000n), []);
  const input = new Float32Array(CONTEXT + FRAME);
  const found = [];
  for (let at = 0; at + FRAME <= samples.length; at += FRAME) {
    input.set(samples.subarray(at, at + FRAME), CONTEXT);
    const result = await session.run({ input: new ort.Tensor('float32', input, [1, input.length]), state, sr });
    state = result.stateN;
    found.push(Number(result.output.data[0].toFixed(5)));
    input.copyWithin(0, FRAME);
  }
  return found;
}

const clips = readdirSync(CLIPS).filter((name) => name.endsWith('.wav')).sort();
const reference = {};
for (const name of clips) {
  const file = readFileSync(`${CLIPS}/${name}`);
  const samples = Float32Array.from({ length: (file.length - 44) / 2 }, (_, i) => file.readInt16LE(44 + 2 * i) / 32768);
  reference[name.slice(0, -4)] = await probabilities(samples);
}
process.stdout.write(JSON.stringify(reference));
