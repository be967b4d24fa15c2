// PCM16 of 16 kHz to Opus of 24 kbit/s where the browser encodes it (WebCodecs), in the framing of the capture protocol: packets of 20 ms, each after its
// length as a 16-bit big-endian number. Audio that an encoder took and did not give back is never lost: it comes out as PCM16.

const RATE = 16_000;
const PACKET_US = 20_000;
const PACKETS_PER_CHUNK = 12;

/** What is asked of the browser's encoder. */
export const OPUS = Object.freeze({ codec: 'opus', sampleRate: RATE, numberOfChannels: 1, bitrate: 24_000, opus: { frameDuration: PACKET_US } });

/** True where the browser has an encoder for it. */
export async function encodesOpus(EncoderType = globalThis.AudioEncoder) {
  try {
    return Boolean(EncoderType && globalThis.AudioData !== undefined && (await EncoderType.isConfigSupported(OPUS)).supported);
  } catch {
    return false;
  }
}

/** Opus packets (Uint8Array) as one chunk. */
export function frame(packets) {
  const chunk = new Uint8Array(packets.reduce((sum, p) => sum + 2 + p.byteLength, 0));
  const view = new DataView(chunk.buffer);
  let at = 0;
  for (const packet of packets) {
    view.setUint16(at, packet.byteLength);
    chunk.set(packet, at + 2);
    at += 2 + packet.byteLength;
  }
  return chunk;
}

/**
 * Encodes one spoken answer. `send(payload, capturedAtMs, last, opus)` gets chunks of 240 ms in order, the last one when all is through; when the
 * encoder fails, what it owes and all that follows as PCM16.
 */
export class OpusAnswer {
  #send;
  #DataType;
  #encoder;
  #owed = []; // pieces of PCM16 whose packets have not been sent yet
  #packets = [];
  #startedAtMs = null;
  #taken = 0; // samples
  #sentUs = 0;
  #failed = false;

  constructor(send, { EncoderType = globalThis.AudioEncoder, DataType = globalThis.AudioData } = {}) {
    this.#send = send;
    this.#DataType = DataType;
    this.#encoder = new EncoderType({ output: (packet) => this.#take(packet), error: () => this.#fail() });
    this.#encoder.configure(OPUS);
  }

  /** Takes PCM16 (Uint8Array, may be empty); resolves when, after the last piece, everything is sent. */
  async push(pcm, capturedAtMs, last) {
    this.#startedAtMs ??= capturedAtMs;
    if (this.#failed) {
      this.#send(pcm, capturedAtMs, last, false);
      return;
    }
    if (pcm.byteLength > 0) {
      const timestamp = Math.round((this.#taken * 1e6) / RATE);
      this.#taken += pcm.byteLength / 2;
      this.#owed.push({ pcm, capturedAtMs, endUs: (this.#taken * 1e6) / RATE });
      try {
        const data = new this.#DataType({ format: 's16', sampleRate: RATE, numberOfFrames: pcm.byteLength / 2, numberOfChannels: 1, timestamp, data: pcm.slice() });
        this.#encoder.encode(data);
        data.close();
      } catch {
        this.#fail();
      }
    }
    if (!last) {
      return;
    }
    if (!this.#failed) {
      try {
        await this.#encoder.flush();
      } catch {
        this.#fail();
      }
    }
    this.#emit();
    if (!this.#failed) {
      this.#encoder.close();
    }
    this.#send(new Uint8Array(0), capturedAtMs + pcm.byteLength / 2 / (RATE / 1000), true, false);
  }

  #take(packet) {
    if (this.#failed) {
      return;
    }
    const bytes = new Uint8Array(packet.byteLength);
    packet.copyTo(bytes);
    this.#packets.push(bytes);
    if (this.#packets.length === PACKETS_PER_CHUNK) {
      this.#emit();
    }
  }

  #emit() {
    if (this.#packets.length === 0) {
      return;
    }
    this.#send(frame(this.#packets), this.#startedAtMs + this.#sentUs / 1000, false, true);
    this.#sentUs += this.#packets.length * PACKET_US;
    this.#packets = [];
    while (this.#owed.length > 0 && this.#owed[0].endUs <= this.#sentUs) {
      this.#owed.shift();
    }
  }

  /** What was not sent is said again as PCM16, to the sample. */
  #fail() {
    if (this.#failed) {
      return;
    }
    this.#failed = true;
    this.#packets = [];
    for (const { pcm, capturedAtMs, endUs } of this.#owed) {
      const samples = pcm.byteLength / 2;
      const from = Math.max(0, Math.round(samples - ((endUs - this.#sentUs) * RATE) / 1e6));
      if (from < samples) {
        this.#send(pcm.slice(from * 2), capturedAtMs + from / (RATE / 1000), false, false);
      }
    }
    this.#owed = [];
  }
}
