// The browser's protocol module without a browser: node --test client/   (in tests/js; needs no npm package)
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { CaptureSession, encodeMedia, newTraceparent, Outbox } from '../../../services/Gateway/client/capture-protocol.js';

class FakeSocket {
  static all = [];
  constructor(url) {
    Object.assign(this, { url, readyState: 1, bufferedAmount: 0, sent: [] });
    FakeSocket.all.push(this);
  }
  send(data) { this.sent.push(typeof data === 'string' ? JSON.parse(data) : new Uint8Array(data)); }
  close(code) { this.readyState = 3; this.onclose?.({ code: code ?? 1005, reason: '' }); }
  say(message) { this.onmessage({ data: JSON.stringify(message) }); }
  lost() { this.readyState = 3; this.onclose({ code: 1006, reason: '' }); }
  open(hello = {}) {
    this.onopen();
    this.say({ type: 'hello', status: 'active', lastFrameSequence: 0, lastAudioSequence: 0, question: null, ...hello });
  }
}

const memory = () => {
  const data = new Map();
  return { getItem: (k) => data.get(k) ?? null, setItem: (k, v) => data.set(k, v) };
};
const sequenceOf = (data) => new DataView(data.buffer).getUint32(2);
const media = (socket, kind) => socket.sent.filter((s) => s instanceof Uint8Array && s[0] === kind).map(sequenceOf);
const jpeg = new Uint8Array([0xff, 0xd8, 0xff, 0xe0]);

function open(storage = memory()) {
  const session = new CaptureSession({ url: 'ws://gateway/ws/capture', token: 'T', sessionId: 'S', storage, WebSocketType: FakeSocket });
  session.connect();
  return { session, socket: FakeSocket.all.at(-1) };
}

test('a media message has the header of the protocol', () => {
  const data = encodeMedia('audio', 0x01020304, 1_700_000_000_123, new Uint8Array([9, 8]), true);
  assert.deepEqual([...data.slice(0, 6)], [2, 1, 1, 2, 3, 4]);
  assert.equal(new DataView(data.buffer).getBigInt64(6), 1_700_000_000_123n);
  assert.deepEqual([...data.slice(14)], [9, 8]);
  assert.match(newTraceparent(), /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
});

test('nothing is sent before the hello is answered, everything after, in order', () => {
  const { session, socket } = open();
  session.sendFrame(jpeg, 1);
  session.sendFrame(jpeg, 2);
  assert.deepEqual(media(socket, 1), []);
  socket.open();
  assert.equal(socket.sent[0].type, 'hello');
  assert.deepEqual(media(socket, 1), [1, 2]);
  session.close();
});

test('what is not acknowledged comes again after a reconnect, under the same numbers', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  const { session, socket } = open();
  socket.open();
  for (let i = 0; i < 3; i++) {
    session.sendFrame(jpeg, i);
  }
  socket.say({ type: 'ack', stream: 'frame', sequence: 1 });
  session.sendAnswer(0, 'typed');
  socket.lost();
  session.sendFrame(jpeg, 4);
  t.mock.timers.tick(2_000);
  const next = FakeSocket.all.at(-1);
  assert.notEqual(next, socket);
  next.open({ lastFrameSequence: 2 });
  assert.equal(next.sent[0].nextFrameSequence, 2);
  assert.deepEqual(media(next, 1), [2, 3, 4]);
  assert.deepEqual(next.sent.filter((m) => m.type === 'answer'), [{ type: 'answer', questionIndex: 0, text: 'typed' }]);
  next.say({ type: 'ack', stream: 'frame', sequence: 4 });
  assert.deepEqual([session.counts.framesSent, session.counts.framesAcked], [4, 4]);
  session.close();
});

test('a refused frame gives its number to the next one', () => {
  const { session, socket } = open();
  socket.open();
  session.sendFrame(jpeg, 1);
  session.sendFrame(new Uint8Array([1, 2, 3]), 2);
  session.sendFrame(jpeg, 3);
  socket.say({ type: 'ack', stream: 'frame', sequence: 1 });
  socket.say({ type: 'error', code: 'not-a-jpeg', stream: 'frame', sequence: 2, expected: 2 });
  socket.say({ type: 'error', code: 'wrong-sequence', stream: 'frame', sequence: 3, expected: 2 });
  assert.deepEqual(media(socket, 1), [1, 2, 3, 2]);
  session.sendFrame(jpeg, 4);
  assert.deepEqual(media(socket, 1).at(-1), 3);
  session.close();
});

test('a reloaded page goes on behind what the gateway has', () => {
  const storage = memory();
  const first = open(storage);
  first.socket.open();
  first.session.sendFrame(jpeg, 1);
  first.session.sendFrame(jpeg, 2);
  first.socket.say({ type: 'ack', stream: 'frame', sequence: 1 });
  first.session.close();
  const second = open(storage);
  second.socket.open({ lastFrameSequence: 2 });
  assert.equal(second.socket.sent[0].nextFrameSequence, 2);
  second.session.sendFrame(jpeg, 3);
  assert.deepEqual(media(second.socket, 1), [3]);
  second.session.close();
});

test('a full box takes no more frames, but still the end of an answer', () => {
  const box = new Outbox('audio', 64);
  assert.ok(box.add(1, new Uint8Array(50), false));
  assert.equal(box.add(2, new Uint8Array(50), false), null);
  assert.ok(box.add(3, new Uint8Array(0), true));
  assert.deepEqual(box.items.map((i) => i.sequence), [1, 2]);
});

test('a replaced or refused socket is not opened again', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  const { session, socket } = open();
  socket.open();
  const before = FakeSocket.all.length;
  socket.close(4001);
  t.mock.timers.tick(60_000);
  assert.equal(FakeSocket.all.length, before);
  assert.equal(session.over, true);
});
mock.reset();

test('a change of consent is asked for again after a reconnect until it is confirmed, ahead of the media', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  const { session, socket } = open();
  socket.open();
  const asked = { videoEmotion: false, facePresence: true, blink: true, audioTranscription: true };
  session.sendFrame(jpeg, 1);
  session.setConsents(asked);
  assert.deepEqual(socket.sent.at(-1), { type: 'consent', consents: asked });
  socket.lost();
  t.mock.timers.tick(2_000);
  const next = FakeSocket.all.at(-1);
  next.open();
  assert.deepEqual(next.sent[1], { type: 'consent', consents: asked });
  assert.deepEqual(media(next, 1), [1]);
  let told = null;
  session.addEventListener('consent', ({ detail }) => { told = detail.consents; });
  next.say({ type: 'consent', consents: { ...asked, blink: false } });
  assert.deepEqual(session.consents, asked, 'that answered an earlier change');
  next.say({ type: 'consent', consents: asked });
  assert.deepEqual([told, session.consents], [asked, null]);
  session.close();
});

test('nothing is sent over a socket that is closing, and everything over the next', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  const { session, socket } = open();
  socket.open();
  socket.readyState = 2;
  session.sendFrame(jpeg, 1);
  session.sendAudio(new Uint8Array(2), 1);
  assert.deepEqual([media(socket, 1), media(socket, 2)], [[], []]);
  socket.lost();
  t.mock.timers.tick(2_000);
  const next = FakeSocket.all.at(-1);
  next.open();
  assert.deepEqual([media(next, 1), media(next, 2)], [[1], [1]]);
  session.close();
});

test('Opus is told by flag bit 1, and bytes of audio are counted', () => {
  const { session, socket } = open();
  socket.open();
  session.sendAudio(new Uint8Array([0, 1, 7]), 1, false, true);
  session.sendAudio(new Uint8Array(4), 2, true);
  assert.deepEqual(socket.sent.slice(-2).map((m) => m[1]), [2, 1]);
  assert.equal(session.counts.audioBytes, 7);
  session.close();
});
