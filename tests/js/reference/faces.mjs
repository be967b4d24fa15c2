// Writes tests/Unit/Inference/Data: per person of infra/Inference/Demo/faces.json one frame and every raw output that TensorFlow.js computes for it.
// Run in tests/js after `npm ci`: node reference/faces.mjs [ASSETS]   (ASSETS: where set-up unpacks npm packages; default ../../.cache/assets)
//
// PERSON.bin.gz, little-endian: frame 256 x 192 RGB u8; crop box left, top, right, bottom i32; then f32: scores_512[512], scores_384[384],
// boxes_512[512 x 16], boxes_384[384 x 16], output_mesh[1404], output_contours[266], output_faceflag[1], probabilities[7],
// landmarks[2 x 228] (left eye, right eye), antispoof's real[1], liveness's probabilities[2].
// expected.json: the same for people, and what the pipeline concludes.
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import * as human from './human-pipeline.mjs';
import * as frames from './frames.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
const assets = process.argv[2] ?? path.join(root, '.cache/assets');
const target = path.join(root, 'tests/Unit/Inference/Data');

await tf.setBackend('cpu');
fs.mkdirSync(target, { recursive: true });
const models = await human.loadModels(path.join(assets, 'human/package/models'));
const expected = [];
for (const face of JSON.parse(fs.readFileSync(path.join(root, 'infra/Inference/Demo/faces.json')))) {
  const frame = frames.cut(frames.photo(path.join(assets, 'face-api/package/demo'), face.photo), face, 256, 192);
  const { faces, raw } = human.detect(models, frame);
  const box = faces.reduce((a, b) => ((b.right - b.left) > (a.right - a.left) ? b : a));
  const result = human.analyse(models, frame, box);
  const floats = [raw.scores512, raw.scores384, raw.boxes512, raw.boxes384, result.mesh, result.contours, result.flag, result.probabilities, result.landmarks, result.real, result.live];
  const content = Buffer.concat([
    Buffer.from(frame.data),
    Buffer.from(Int32Array.of(box.left, box.top, box.right, box.bottom).buffer),
    ...floats.map((values) => Buffer.from(Float32Array.from(values).buffer)),
  ]);
  fs.writeFileSync(path.join(target, `${face.person}.bin.gz`), zlib.gzipSync(content, { level: 9 }));
  const probabilities = Array.from(result.probabilities);
  expected.push({
    person: face.person,
    faceCount: faces.length,
    confidence: box.confidence,
    box: [box.left, box.top, box.right, box.bottom],
    dominant: human.emotions[probabilities.indexOf(Math.max(...probabilities))],
    probabilities,
    eyeOpenness: human.eyeAspectRatio(result.landmarks),
  });
  console.log(expected.at(-1).person, expected.at(-1).faceCount, expected.at(-1).dominant);
}
fs.writeFileSync(path.join(target, 'expected.json'), `${JSON.stringify(expected, null, 2)}\n`);
