// The browser's Opus module with a stand-in for WebCodecs: node --test client/   (in tests/js; needs no npm package)
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodesOpus, frame, OpusAnswer } from '../../../services/Gateway/client/opus-encoder.js';

class FakeData {
  constructor(init) { Object.assign(this, init); }
  close() {}
}

/** Gives a packet of its own number for every 20 ms, and fails when asked to. */
class FakeEncoder {
  static failAfter = Infinity;
  constructor({ output, error }) { Object.assign(this, { output, error, samples: 0, packets: 0 }); }
  configure(config) { this.config = config; }
  encode(data) {
    this.samples += data.numberOfFrames;
    this.#packets(Math.floor(this.samples / 320));
  }
  async flush() { this.#packets(Math.ceil(this.samples / 320)); }
  close() { this.closed = true; }
  #packets(until) {
    while (this.packets < until) {
      if (this.packets === FakeEncoder.failAfter) {
        this.error(new Error('gone'));
        return;
      }
      const number = this.packets++;
      this.output({ byteLength: 3, copyTo: (to) => to.set([0x78, number, 9]) });
    }
  }
}

const numbers = (chunk) => Array.from({ length: chunk.length / 5 }, (_, i) => chunk[i * 5 + 3]);

async function speak(pieces, failAfter = Infinity) {
  FakeEncoder.failAfter = failAfter;
  const sent = [];
  const answer = new OpusAnswer((payload, at, last, opus) => sent.push({ payload, at, last, opus }), { EncoderType: FakeEncoder, DataType: FakeData });
  let at = 1_000;
  for (const [i, samples] of pieces.entries()) {
    const pcm = Uint8Array.from({ length: samples * 2 }, (_, byte) => byte % 251);
    await answer.push(pcm, at, i === pieces.length - 1);
    at += samples / 16;
  }
  return sent;
}

test('packets stand after their lengths', () => {
  assert.deepEqual([...frame([new Uint8Array([7]), new Uint8Array(258).fill(1)])].slice(0, 6), [0, 1, 7, 1, 2, 1]);
});

test('an answer becomes chunks of 240 ms in order, with their times, and one end', async () => {
  const sent = await speak([4_000, 4_000, 1_000]);
  assert.deepEqual(sent.map((s) => [s.opus, s.last]), [[true, false], [true, false], [true, false], [false, true]]);
  assert.deepEqual(sent.slice(0, 3).flatMap((s) => numbers(s.payload)), Array.from({ length: 29 }, (_, i) => i));
  assert.deepEqual(sent.map((s) => s.at), [1_000, 1_240, 1_480, 1_562.5]);
  assert.equal(sent.at(-1).payload.length, 0);
});

test('an answer of nothing has its end all the same', async () => {
  assert.deepEqual((await speak([0])).map((s) => [s.payload.length, s.last, s.opus]), [[0, true, false]]);
});

test('what a failed encoder owes comes as PCM16, to the sample, and so does the rest', async () => {
  const sent = await speak([4_000, 4_000, 4_000], 20);
  const opusSamples = sent.filter((s) => s.opus).flatMap((s) => numbers(s.payload)).length * 320;
  const pcmSamples = sent.filter((s) => !s.opus).reduce((sum, s) => sum + s.payload.length / 2, 0);
  assert.equal(opusSamples, 12 * 320);
  assert.equal(opusSamples + pcmSamples, 12_000);
  assert.deepEqual(sent.map((s) => s.last), [false, false, false, true]);
  assert.deepEqual(sent.map((s) => s.at), [1_000, 1_240, 1_250, 1_500]);
});

test('browsers without the encoder are known', async () => {
  globalThis.AudioData = FakeData;
  assert.equal(await encodesOpus(undefined), false);
  assert.equal(await encodesOpus({ isConfigSupported: async () => ({ supported: false }) }), false);
  assert.equal(await encodesOpus({ isConfigSupported: async () => { throw new TypeError('config'); } }), false);
  assert.equal(await encodesOpus({ isConfigSupported: async ({ codec }) => ({ supported: codec === 'opus' }) }), true);
});
