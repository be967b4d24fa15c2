// The face pipeline of npm @vladmandic/human 3.3.6 (src/face/blazeface.ts, facemesh.ts, facemeshutil.ts, iris.ts, src/gear/emotion.ts) with its default
// settings, run on TensorFlow.js kernels: the reference for the C# pipeline. Two settings differ: up to 10 faces instead of 1, and a detector
// threshold of 0.5 instead of 0.2, because 0.2 counts hair and jewellery as second faces. And the eyes are cut from the frame instead of from the
// face's crop, only the left one mirrored, as MediaPipe's iris model was trained.
import fs from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';

export const emotions = ['angry', 'disgust', 'fear', 'happy', 'sad', 'surprise', 'neutral'];
const settings = { maxDetected: 10, iouThreshold: 0.1, minConfidence: 0.5, scale: 1.4 };
const grey = [0.2989, 0.5870, 0.1140];

export async function loadModel(dir, name) {
  const json = JSON.parse(fs.readFileSync(path.join(dir, `${name}.json`)));
  const data = Buffer.concat(json.weightsManifest.flatMap((group) => group.paths.map((file) => fs.readFileSync(path.join(dir, file)))));
  return tf.loadGraphModel(tf.io.fromMemory({
    modelTopology: json.modelTopology,
    signature: json.signature,
    weightSpecs: json.weightsManifest.flatMap((group) => group.weights),
    weightData: data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength),
  }));
}

export async function loadModels(dir) {
  return {
    blazeface: await loadModel(dir, 'blazeface'),
    facemesh: await loadModel(dir, 'facemesh'),
    emotion: await loadModel(dir, 'emotion'),
    iris: await loadModel(dir, 'iris'),
    antispoof: await loadModel(dir, 'antispoof'),
    liveness: await loadModel(dir, 'liveness'),
  };
}

function anchors(inputSize) {
  const list = [];
  for (const [stride, count] of [[inputSize / 16, 2], [inputSize / 8, 6]]) {
    const grid = Math.floor((inputSize + stride - 1) / stride);
    for (let y = 0; y < grid; y++) for (let x = 0; x < grid; x++) for (let n = 0; n < count; n++) list.push([stride * (x + 0.5), stride * (y + 0.5)]);
  }
  return tf.tensor2d(list);
}

// frame: { width, height, data: Uint8Array of RGB }. Returns every face with its crop box (pixels of the frame) and the detector's box (left, top,
// right, bottom; 256 across the frame), and the raw outputs of the detector.
export function detect(models, frame) {
  return tf.tidy(() => {
    const size = 256;
    const image = tf.tensor4d(Float32Array.from(frame.data), [1, frame.height, frame.width, 3]);
    const input = tf.sub(tf.div(tf.image.resizeBilinear(image, [size, size]), 127.5), 1);
    const raw = models.blazeface.execute(input).sort((a, b) => a.size - b.size);
    const [scores384, scores512, boxes384, boxes512] = raw;
    const batch = tf.squeeze(tf.concat([tf.concat([scores512, boxes512], 2), tf.concat([scores384, boxes384], 2)], 1), [0]);
    const centers = tf.add(tf.slice(batch, [0, 1], [-1, 2]), anchors(size));
    const half = tf.div(tf.slice(batch, [0, 3], [-1, 2]), 2);
    const boxes = tf.concat([tf.sub(centers, half), tf.add(centers, half)], 1);
    const scores = tf.squeeze(tf.sigmoid(tf.slice(batch, [0, 0], [-1, 1])));
    const kept = tf.image.nonMaxSuppression(boxes, scores, settings.maxDetected, settings.iouThreshold, settings.minConfidence).arraySync();
    const [allBoxes, allScores] = [boxes.arraySync(), scores.arraySync()];
    const faces = kept.map((i) => ({ ...cropBox(allBoxes[i], frame.width / size, frame.height / size), box: allBoxes[i], confidence: allScores[i] }));
    return { faces, raw: { scores512: scores512.dataSync(), scores384: scores384.dataSync(), boxes512: boxes512.dataSync(), boxes384: boxes384.dataSync() } };
  });
}

// scaleBoxCoordinates, enlargeBox, squarifyBox
function cropBox([x1, y1, x2, y2], scaleX, scaleY) {
  const [left, top, right, bottom] = [x1 * scaleX, y1 * scaleY, x2 * scaleX, y2 * scaleY];
  const [cx, cy] = [left + (right - left) / 2, top + (bottom - top) / 2];
  // human enlarges, then squares by the size from before the enlargement's rounding: both use the enlarged box
  const half = settings.scale * Math.max(right - left, bottom - top) / 2;
  return { left: Math.round(cx - half), top: Math.round(cy - half), right: Math.round(cx + half), bottom: Math.round(cy + half) };
}

// Crops the box at 192 x 192 and runs facemesh and emotion on it, then iris on both eyes; antispoof and liveness on the box.
export function analyse(models, frame, box) {
  return tf.tidy(() => {
    const image = tf.tensor4d(Float32Array.from(frame.data), [1, frame.height, frame.width, 3]);
    const cut = [[box.top / frame.height, box.left / frame.width, box.bottom / frame.height, box.right / frame.width]];
    const face = tf.div(tf.image.cropAndResize(image, cut, [0], [192, 192]), 255);
    const results = models.facemesh.execute(face);
    const mesh = results.find((t) => t.shape[1] === 1404).dataSync();
    const contours = results.find((t) => t.shape[1] === 266).dataSync();
    const flag = results.find((t) => t.shape[1] === 1).dataSync();
    const small = tf.image.resizeBilinear(face, [64, 64], false);
    const input = tf.mul(tf.sub(tf.sum(tf.mul(small, grey), 3, true), 0.5), 2);
    const probabilities = models.emotion.execute(input).dataSync();
    const eyes = tf.concat([eye(image, frame, box, mesh, 263, 362).reverse(2), eye(image, frame, box, mesh, 33, 133)]);
    const landmarks = models.iris.execute(eyes).dataSync();
    const [real, live] = [models.antispoof, models.liveness].map((model) => {
      const size = model.inputs[0].shape[1];
      return model.execute(tf.div(tf.image.cropAndResize(image, cut, [0], [size, size]), 255)).dataSync();
    });
    return { mesh, contours, flag, probabilities, landmarks, real, live };
  });
}

// getEyeBox: the square around an eye's corners, enlarged; corners are landmarks of the mesh.
function eye(image, frame, box, mesh, outer, inner) {
  const scale = (box.right - box.left) / 192;
  const [x1, y1] = [mesh[3 * outer] * scale + box.left, mesh[3 * outer + 1] * scale + box.top];
  const [x2, y2] = [mesh[3 * inner] * scale + box.left, mesh[3 * inner + 1] * scale + box.top];
  const half = 2.3 * Math.max(Math.abs(x1 - x2), Math.abs(y1 - y2)) / 2;
  const [cx, cy] = [(x1 + x2) / 2, (y1 + y2) / 2];
  const [left, top, right, bottom] = [cx - half, cy - half, cx + half, cy + half].map(Math.round);
  const cut = [[top / frame.height, left / frame.width, bottom / frame.height, right / frame.width]];
  return tf.div(tf.image.cropAndResize(image, cut, [0], [64, 64]), 255);
}

// Degrees: the axis from cheek to cheek out of the image plane, as src/face/angles.ts builds its rotation from it.
export function yawDegrees(mesh) {
  const [x, y, z] = [0, 1, 2].map((axis) => mesh[3 * 454 + axis] - mesh[3 * 234 + axis]);
  return Math.atan2(z, Math.hypot(x, y)) * 180 / Math.PI;
}

// Eye aspect ratio, Soukupova and Cech, "Real-Time Eye Blink Detection using Facial Landmarks", CVWW 2016, equation 1.
// landmarks: iris's output for both eyes, 76 x (x, y, z) each; 0 and 8 are the corners, 11 and 13 above, 3 and 5 below.
export function eyeAspectRatio(landmarks) {
  const ratio = (offset) => {
    const distance = (a, b) => Math.hypot(landmarks[offset + 3 * a] - landmarks[offset + 3 * b], landmarks[offset + 3 * a + 1] - landmarks[offset + 3 * b + 1]);
    return (distance(11, 3) + distance(13, 5)) / (2 * distance(0, 8));
  };
  return (ratio(0) + ratio(228)) / 2;
}
