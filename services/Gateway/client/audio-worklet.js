// Runs on the audio thread: microphone -> 16 kHz mono PCM16 chunks of 250 ms, only while recording.
import { Resampler, toPcm16 } from './resampler.js';

const RATE = 16_000;
const CHUNK_SAMPLES = RATE / 4;

class PcmRecorder extends AudioWorkletProcessor {
  constructor() {
    super();
    this.recording = false;
    this.port.onmessage = ({ data }) => (data === 'start' ? this.#start() : this.#stop());
  }

  process(inputs) {
    const channel = inputs[0][0];
    if (this.recording && channel) {
      for (const sample of this.resampler.push(channel)) {
        this.chunk.push(sample);
        if (this.chunk.length === CHUNK_SAMPLES) {
          this.#post(false);
        }
      }
    }
    return true;
  }

  #start() {
    this.resampler = new Resampler(sampleRate, RATE);
    this.chunk = [];
    this.recording = true;
  }

  #stop() {
    if (this.recording) {
      this.recording = false;
      this.#post(true);
    }
  }

  #post(last) {
    const level = Math.sqrt(this.chunk.reduce((sum, s) => sum + s * s, 0) / Math.max(1, this.chunk.length));
    const pcm = toPcm16(this.chunk);
    this.port.postMessage({ pcm, samples: this.chunk.length, level, last }, [pcm.buffer]);
    this.chunk = [];
  }
}

registerProcessor('pcm-recorder', PcmRecorder);
