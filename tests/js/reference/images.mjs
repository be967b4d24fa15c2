// What TensorFlow.js sees in images that were decoded elsewhere, as JSON on standard output; tests/Unit/Inference/EndToEndEqualsTensorFlowTests runs it.
// Run in tests/js after `npm ci`: node reference/images.mjs FOLDER [ASSETS]
// FOLDER holds NAME.WIDTHxHEIGHT.rgb: pixels of 8-bit RGB, row by row. Per image: { name, faces: [{ box, confidence, probabilities, eyeOpenness, yaw }] },
// box as left, top, right, bottom, fractions of the image; faces that facemesh rejects (flag below 0.2) are left out.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import * as human from './human-pipeline.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
const folder = process.argv[2];
const assets = process.argv[3] ?? path.join(root, '.cache/assets');

await tf.setBackend('cpu');
const models = await human.loadModels(path.join(assets, 'human/package/models'));
const images = [];
for (const file of fs.readdirSync(folder).filter((name) => name.endsWith('.rgb')).sort()) {
  const [name, size] = file.split('.');
  const [width, height] = size.split('x').map(Number);
  const frame = { width, height, data: new Uint8Array(fs.readFileSync(path.join(folder, file))) };
  const faces = [];
  for (const face of human.detect(models, frame).faces) {
    const result = human.analyse(models, frame, face);
    if (result.flag[0] < 0.2) continue;
    faces.push({
      box: face.box.map((edge) => Math.min(1, Math.max(0, edge / 256))),
      confidence: face.confidence,
      probabilities: Array.from(result.probabilities),
      eyeOpenness: human.eyeAspectRatio(result.landmarks),
      yaw: human.yawDegrees(result.mesh),
    });
  }
  images.push({ name, faces });
}
process.stdout.write(JSON.stringify(images));
