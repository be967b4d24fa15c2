// Resamples a stream of float samples by a windowed sinc (Hann, 8 zero crossings to each side), which keeps frequencies above the
// new half rate from folding back into speech.

const CROSSINGS = 8;

export class Resampler {
  constructor(inputRate, outputRate) {
    this.step = inputRate / outputRate;
    this.cutoff = Math.min(1, outputRate / inputRate);
    this.reach = Math.ceil(CROSSINGS / this.cutoff);
    this.buffer = new Float32Array(this.reach); // silence before the first sample
    this.position = this.reach; // of the next output sample, in samples of the buffer
  }

  /** Output samples (Float32Array) that the input completes. */
  push(input) {
    const samples = new Float32Array(this.buffer.length + input.length);
    samples.set(this.buffer);
    samples.set(input, this.buffer.length);
    const output = [];
    while (this.position + this.reach < samples.length) {
      output.push(this.#at(samples, this.position));
      this.position += this.step;
    }
    const used = Math.max(0, Math.floor(this.position) - this.reach);
    this.buffer = samples.slice(used);
    this.position -= used;
    return Float32Array.from(output);
  }

  #at(samples, position) {
    const first = Math.max(0, Math.ceil(position - this.reach));
    const last = Math.floor(position + this.reach);
    let sum = 0;
    for (let i = first; i <= last; i++) {
      const x = (i - position) * this.cutoff;
      const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
      const window = Math.abs(x) >= CROSSINGS ? 0 : 0.5 + 0.5 * Math.cos((Math.PI * x) / CROSSINGS);
      sum += samples[i] * sinc * window * this.cutoff;
    }
    return sum;
  }
}

/** Samples -1..1 to PCM16 little-endian bytes. */
export function toPcm16(samples) {
  const bytes = new Uint8Array(samples.length * 2);
  const view = new DataView(bytes.buffer);
  samples.forEach((s, i) => view.setInt16(i * 2, Math.round(Math.max(-1, Math.min(1, s)) * 32767), true));
  return bytes;
}
