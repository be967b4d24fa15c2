import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Resampler, toPcm16 } from '../../../services/Gateway/client/resampler.js';

const tone = (hz, rate, seconds) => Float32Array.from({ length: rate * seconds }, (_, i) => Math.sin((2 * Math.PI * hz * i) / rate));
const rms = (samples) => Math.sqrt(samples.reduce((sum, s) => sum + s * s, 0) / samples.length);

function resample(input, from, block = 128) {
  const resampler = new Resampler(from, 16_000);
  const output = [];
  for (let i = 0; i < input.length; i += block) {
    output.push(...resampler.push(input.subarray(i, i + block)));
  }
  return output;
}

for (const rate of [16_000, 44_100, 48_000, 8_000]) {
  test(`a tone of 440 Hz survives from ${rate} Hz, in length and loudness`, () => {
    const output = resample(tone(440, rate, 1), rate);
    assert.ok(Math.abs(output.length - 16_000) < 40, `${output.length} samples`);
    assert.ok(Math.abs(rms(output.slice(500, -500)) - Math.SQRT1_2) < 0.02, `${rms(output)}`);
    const expected = tone(440, 16_000, 1);
    const error = output.slice(500, 4_000).map((s, i) => s - expected[i + 500]);
    assert.ok(rms(error) < 0.02, `error ${rms(error)}`);
  });
}

test('a tone above the new half rate does not fold back', () => {
  assert.ok(rms(resample(tone(12_000, 48_000, 1), 48_000).slice(500, -500)) < 0.01);
});

test('samples become PCM16 little-endian, clipped', () => {
  assert.deepEqual([...toPcm16([0, 1, -1, 2, 0.5])], [0, 0, 0xff, 0x7f, 0x01, 0x80, 0xff, 0x7f, 0x00, 0x40]);
});
