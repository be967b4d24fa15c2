// The capture protocol: the one place in the browser that knows the wire to the gateway.
//
// Text messages are JSON. Media messages are binary: byte 0 kind (1 frame, 2 audio), byte 1 flags (bit 0 = end of answer, bit 1 = Opus), bytes 2-5
// sequence (uint32 big-endian), bytes 6-13 capture time (Unix ms, int64 big-endian), then JPEG, PCM16 little-endian mono 16 kHz, or framed Opus packets.
//
// Every message is kept until the gateway acknowledges it, which it does once Kafka has the record. After a lost connection everything
// unacknowledged is sent again under the same numbers; the gateway drops what it has.

export const HEADER_BYTES = 14;
export const KINDS = { frame: 1, audio: 2 };

const PING_MS = 15_000;
const RESEND_CHECK_MS = 1_000;
const DEAD_MS = 40_000;
const BACKOFF_MS = [300, 600, 1_200, 2_500, 5_000, 10_000];
const FINAL_CLOSE_CODES = new Set([4001, 4401, 4404]);
const MAX_SOCKET_BUFFER_BYTES = 4 * 1024 * 1024;

/** One binary message. payload: Uint8Array. */
export function encodeMedia(kind, sequence, capturedAtMs, payload, endOfAnswer = false, opus = false) {
  const data = new Uint8Array(HEADER_BYTES + payload.byteLength);
  const view = new DataView(data.buffer);
  view.setUint8(0, KINDS[kind]);
  view.setUint8(1, (endOfAnswer ? 1 : 0) | (opus ? 2 : 0));
  view.setUint32(2, sequence);
  view.setBigInt64(6, BigInt(Math.round(capturedAtMs)));
  data.set(payload, HEADER_BYTES);
  return data;
}

/** A W3C traceparent of a new trace. */
export function newTraceparent() {
  const hex = (bytes) => [...crypto.getRandomValues(new Uint8Array(bytes))].map((b) => b.toString(16).padStart(2, '0')).join('');
  return `00-${hex(16)}-${hex(8)}-01`;
}

/** The unacknowledged messages of one stream, in order, at most `maxBytes` of them. */
export class Outbox {
  constructor(kind, maxBytes, next = 1) {
    this.kind = kind;
    this.maxBytes = maxBytes;
    this.next = next;
    this.acked = 0;
    this.bytes = 0;
    this.items = [];
  }

  get firstUnacked() {
    return this.items.length > 0 ? this.items[0].sequence : this.next;
  }

  /** Numbers and keeps a message; null when the box is full. */
  add(capturedAtMs, payload, endOfAnswer, opus = false) {
    if (this.bytes + payload.byteLength + HEADER_BYTES > this.maxBytes && !endOfAnswer) {
      return null;
    }
    const sequence = this.next++;
    const data = encodeMedia(this.kind, sequence, capturedAtMs, payload, endOfAnswer, opus);
    this.items.push({ sequence, data });
    this.bytes += data.byteLength;
    return data;
  }

  /** Acks come in order: everything up to the number is safe. */
  ack(sequence) {
    while (this.items.length > 0 && this.items[0].sequence <= sequence) {
      this.bytes -= this.items.shift().data.byteLength;
      this.acked++;
    }
  }

  /** A refused message consumed no number: it goes, and those behind it move up. */
  drop(sequence) {
    const at = this.items.findIndex((item) => item.sequence === sequence);
    if (at < 0) {
      return;
    }
    this.bytes -= this.items[at].data.byteLength;
    this.items.splice(at, 1);
    for (const item of this.items.slice(at)) {
      item.sequence--;
      new DataView(item.data.buffer).setUint32(2, item.sequence);
    }
    this.next--;
  }

  /** Where the gateway stands after a hello. A new page without memory goes on behind it. */
  align(lastAccepted) {
    if (this.items.length === 0) {
      this.next = lastAccepted + 1;
    }
  }

  clear() {
    this.items = [];
    this.bytes = 0;
  }
}

/**
 * A capture session over WebSockets that come and go.
 * Events (CustomEvent, detail = the server's message): status (connecting, open, waiting, closed), hello, question, level, consent, ack, refused, completed.
 */
export class CaptureSession extends EventTarget {
  constructor({ url, token, sessionId, storage = globalThis.sessionStorage, WebSocketType = globalThis.WebSocket }) {
    super();
    this.url = `${url}?token=${encodeURIComponent(token)}`;
    this.storage = storage;
    this.storageKey = `capture:${sessionId}`;
    this.WebSocketType = WebSocketType;
    this.traceparent = newTraceparent();
    const saved = this.#load();
    this.outboxes = {
      frame: new Outbox('frame', 24 * 1024 * 1024, saved.frame),
      audio: new Outbox('audio', 16 * 1024 * 1024, saved.audio),
    };
    this.answers = new Map();
    this.answersAcked = 0;
    this.audioBytes = 0; // of payloads, sent again or not
    this.consents = null; // asked for and not confirmed yet
    this.skippedFrames = 0;
    this.ready = false;
    this.over = false;
    this.attempt = 0;
  }

  connect() {
    this.#status('connecting');
    const socket = new this.WebSocketType(this.url);
    this.socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => this.#sendText({
      type: 'hello',
      clientTimeMs: Date.now(),
      traceparent: this.traceparent,
      nextFrameSequence: this.outboxes.frame.firstUnacked,
      nextAudioSequence: this.outboxes.audio.firstUnacked,
    });
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(data));
    socket.onclose = ({ code, reason }) => this.#closed(socket, code, reason);
    clearInterval(this.pinging);
    this.heardAt = Date.now();
    this.pinging = setInterval(() => this.#keepAlive(socket), PING_MS);
  }

  /** Asks for the first question (or the current one again). */
  start() {
    this.wantsStart = true;
    if (this.ready) {
      this.#sendText({ type: 'start' });
    }
  }

  /** Takes a JPEG; false when it was skipped because too much is unacknowledged already. */
  sendFrame(jpeg, capturedAtMs) {
    return this.#sendMedia('frame', jpeg, capturedAtMs, false);
  }

  /** Takes PCM16, or framed Opus packets; with endOfAnswer the answer is complete (the payload may then be empty). False when it could not be kept. */
  sendAudio(payload, capturedAtMs, endOfAnswer = false, opus = false) {
    const kept = this.#sendMedia('audio', payload, capturedAtMs, endOfAnswer, opus);
    this.audioBytes += kept ? payload.byteLength : 0;
    return kept;
  }

  /** Changes what the candidate agrees to; comes again after a reconnect until the gateway has confirmed it by a 'consent' event. */
  setConsents(consents) {
    this.consents = consents;
    if (this.ready) {
      this.#sendText({ type: 'consent', consents });
    }
  }

  sendAnswer(questionIndex, text) {
    this.answers.set(questionIndex, text);
    if (this.ready) {
      this.#sendText({ type: 'answer', questionIndex, text });
    }
  }

  close() {
    this.over = true;
    clearTimeout(this.reconnecting);
    clearInterval(this.pinging);
    this.socket?.close(1000);
  }

  get counts() {
    const { frame, audio } = this.outboxes;
    return {
      framesSent: frame.acked + frame.items.length,
      framesAcked: frame.acked,
      audioSent: audio.acked + audio.items.length,
      audioAcked: audio.acked,
      answersAcked: this.answersAcked,
      audioBytes: this.audioBytes,
      skippedFrames: this.skippedFrames,
    };
  }

  #sendMedia(kind, payload, capturedAtMs, endOfAnswer, opus = false) {
    const busy = kind === 'frame' && this.socket?.bufferedAmount > MAX_SOCKET_BUFFER_BYTES;
    const data = busy || this.over ? null : this.outboxes[kind].add(capturedAtMs, payload, endOfAnswer, opus);
    if (data === null) {
      this.skippedFrames += kind === 'frame' ? 1 : 0;
      return false;
    }
    if (this.ready && this.socket.readyState === 1) {
      this.socket.send(data); // a closing socket would only complain: what is in the box goes over the next one
    }
    return true;
  }

  #receive(message) {
    this.heardAt = Date.now();
    switch (message.type) {
      case 'hello':
        this.#hello(message);
        break;
      case 'ack':
        this.#acked(message);
        break;
      case 'error':
        this.#refused(message);
        break;
      case 'completed':
        this.over = true;
        this.outboxes.frame.clear();
        this.outboxes.audio.clear();
        this.#emit('completed', message);
        this.close();
        break;
      case 'question':
        this.#emit('question', message);
        break;
      case 'consent':
        if (Object.entries(this.consents ?? {}).every(([name, given]) => message.consents[name] === given)) {
          this.consents = null; // else it answers an earlier change
        }
        this.#emit('consent', message);
        break;
      case 'level':
        this.#emit('level', message);
        break;
      default: // pong
    }
  }

  #hello(message) {
    this.attempt = 0;
    this.ready = true;
    this.outboxes.frame.align(message.lastFrameSequence);
    this.outboxes.audio.align(message.lastAudioSequence);
    this.#emit('hello', message);
    this.#status('open');
    if (message.status === 'completed' || message.status === 'expired') {
      this.over = true;
      this.#emit('completed', message);
      this.close();
      return;
    }
    if (this.wantsStart && message.status === 'created') {
      this.#sendText({ type: 'start' });
    } else if (message.question) {
      this.#emit('question', message.question);
    }
    if (this.consents) {
      this.#sendText({ type: 'consent', consents: this.consents }); // before what it is about
    }
    this.#resend('frame', 0);
    this.#resend('audio', 0);
    for (const [questionIndex, text] of this.answers) {
      this.#sendText({ type: 'answer', questionIndex, text });
    }
  }

  #acked(message) {
    if (message.stream === 'answer') {
      this.answers.delete(message.sequence);
      this.answersAcked++;
    } else {
      this.outboxes[message.stream].ack(message.sequence);
      this.#save();
    }
    this.#emit('ack', message);
  }

  #refused(message) {
    const outbox = this.outboxes[message.stream];
    if (message.code === 'wrong-sequence' && outbox) {
      // something before it was refused: go on from the number that is next; at most one round at a time
      if (outbox.resentAt !== message.expected || Date.now() - outbox.resentTime > RESEND_CHECK_MS) {
        outbox.resentAt = message.expected;
        outbox.resentTime = Date.now();
        this.#resend(message.stream, message.expected);
      } else {
        setTimeout(() => this.#resendIfStuck(message.stream, message.expected), RESEND_CHECK_MS);
      }
      return;
    }
    if (outbox && message.sequence) {
      outbox.drop(message.sequence);
    } else if (message.stream === 'answer') {
      this.answers.delete(message.sequence);
    }
    this.#emit('refused', message);
  }

  #resend(kind, from) {
    for (const { sequence, data } of this.outboxes[kind].items) {
      if (sequence >= from) {
        this.socket.send(data);
      }
    }
  }

  #resendIfStuck(kind, expected) {
    if (this.ready && this.outboxes[kind].items[0]?.sequence === expected) {
      this.#resend(kind, expected);
    }
  }

  #closed(socket, code, reason) {
    if (socket !== this.socket) {
      return;
    }
    this.ready = false;
    clearInterval(this.pinging);
    if (this.over || FINAL_CLOSE_CODES.has(code)) {
      this.over = true;
      this.#status('closed', { code, reason });
      return;
    }
    const waitMs = BACKOFF_MS[Math.min(this.attempt++, BACKOFF_MS.length - 1)] * (0.75 + Math.random() / 2);
    this.#status('waiting', { waitMs, code, reason });
    this.reconnecting = setTimeout(() => this.connect(), waitMs);
  }

  #keepAlive(socket) {
    if (Date.now() - this.heardAt > DEAD_MS) {
      socket.close();
      this.#closed(socket, 1006, 'no answer');
      this.socket = null;
    } else if (this.ready) {
      this.#sendText({ type: 'ping' });
    }
  }

  #sendText(message) {
    if (this.socket?.readyState === 1) {
      this.socket.send(JSON.stringify(message));
    }
  }

  #load() {
    try {
      return { frame: 1, audio: 1, ...JSON.parse(this.storage?.getItem(this.storageKey) ?? '{}') };
    } catch {
      return { frame: 1, audio: 1 };
    }
  }

  #save() {
    // a reloaded page has lost what was unacknowledged, and goes on behind what is safe
    const { frame, audio } = this.outboxes;
    this.storage?.setItem(this.storageKey, JSON.stringify({ frame: frame.firstUnacked, audio: audio.firstUnacked }));
  }

  #status(status, detail = {}) {
    this.#emit('status', { status, ...detail });
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
