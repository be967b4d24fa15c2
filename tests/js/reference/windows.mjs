// Writes infra/Inference/Demo/expected-windows.json: what TensorFlow.js sees on average in the first 10 seconds of each person's demo frames.
// Run in tests/js after `npm ci`: node reference/windows.mjs [ASSETS]   (takes three to five minutes)
// The view's path is DemoFrameRenderer's; frames are analysed before JPEG compression, which moves a mean by about a percent.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import * as human from './human-pipeline.mjs';
import * as frames from './frames.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
const assets = process.argv[2] ?? path.join(root, '.cache/assets');
const demo = path.join(root, 'infra/Inference/Demo');

function view(face, seconds) {
  const zoom = 0.90 + 0.10 * (0.5 + 0.5 * Math.cos(seconds * 2 * Math.PI / 17));
  const angle = seconds * 2 * Math.PI / 11;
  const [width, height] = [face.width * zoom, face.height * zoom];
  return {
    left: face.left + (face.width - width) * (0.5 + 0.5 * Math.sin(angle)),
    top: face.top + (face.height - height) * (0.5 + 0.5 * Math.sin(2 * angle)),
    width,
    height,
  };
}

await tf.setBackend('cpu');
const models = await human.loadModels(path.join(assets, 'human/package/models'));
const expected = [];
for (const face of JSON.parse(fs.readFileSync(path.join(demo, 'faces.json')))) {
  const photo = frames.photo(path.join(assets, 'face-api/package/demo'), face.photo);
  const sums = new Array(7).fill(0);
  let [found, eyes] = [0, 0];
  for (let i = 0; i < 20; i++) {
    const frame = frames.cut(photo, view(face, i * 0.5), 640, 480);
    const { faces } = human.detect(models, frame);
    if (faces.length === 0) continue;
    const box = faces.reduce((a, b) => ((b.right - b.left) > (a.right - a.left) ? b : a));
    const result = human.analyse(models, frame, box);
    result.probabilities.forEach((p, k) => { sums[k] += p; });
    eyes += human.eyeAspectRatio(result.landmarks);
    found++;
  }
  const mean = sums.map((sum) => Number((sum / found).toFixed(4)));
  const dominant = human.emotions[mean.indexOf(Math.max(...mean))];
  expected.push({
    person: face.person,
    faceRatio: found / 20,
    dominant,
    mean: Object.fromEntries(human.emotions.map((name, k) => [name, mean[k]])),
    eyeOpenness: Number((eyes / found).toFixed(4)),
  });
  console.log(face.person, found, dominant, mean.join(' '));
}
fs.writeFileSync(path.join(demo, 'expected-windows.json'), `${JSON.stringify(expected, null, 2)}\n`);
