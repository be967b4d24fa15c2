// Reading questions aloud without a browser: node --test client/   (in tests/js; needs no npm package)
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReadAloud } from '../../../services/Gateway/client/read-aloud.js';

const memory = () => {
  const data = new Map();
  return { getItem: (k) => data.get(k) ?? null, setItem: (k, v) => data.set(k, v) };
};

class FakeAudio extends EventTarget {
  static all = [];
  static refuse = null;
  constructor(address) {
    super();
    Object.assign(this, { address, paused: true });
    FakeAudio.all.push(this);
  }
  async play() {
    if (FakeAudio.refuse) {
      throw Object.assign(new Error('no'), { name: FakeAudio.refuse });
    }
    this.paused = false;
  }
  pause() { this.paused = true; }
}

function open({ status = 200, storage = memory(), hold = null } = {}) {
  FakeAudio.all = [];
  FakeAudio.refuse = null;
  const asked = [];
  const voice = new ReadAloud({
    sessionId: 'S', token: 'T', storage, AudioType: FakeAudio, onChange: () => {},
    fetchSpeech: async (address, init) => {
      asked.push([address, init.headers.authorization]);
      await hold;
      return { status, blob: async () => new Blob(['sound']) };
    },
  });
  return { voice, asked };
}
const settled = () => new Promise((done) => setImmediate(done));

test('a question is read when it is shown, with the token in a header and not in the address', async () => {
  const { voice, asked } = open();
  voice.available = true;
  voice.question(2);
  await settled();
  assert.deepEqual(asked, [['/api/sessions/S/questions/2/speech', 'Bearer T']]);
  assert.equal(FakeAudio.all[0].paused, false);
  FakeAudio.all[0].dispatchEvent(new Event('ended'));
  assert.equal(voice.playing, false);
});

test('nothing is fetched where there is no voice, or where the candidate switched it off, which is remembered', async () => {
  const storage = memory();
  const { voice, asked } = open({ storage });
  voice.question(0);
  voice.available = true;
  voice.automatic = false;
  voice.question(1);
  await settled();
  assert.deepEqual(asked, []);
  assert.equal(open({ storage }).voice.automatic, false);
});

test('the next question silences the one before, also when its sound comes late', async () => {
  let release;
  const { voice } = open({ hold: new Promise((done) => { release = done; }) });
  voice.available = true;
  voice.question(0);
  voice.automatic = false;
  voice.question(1);
  release();
  await settled();
  assert.equal(FakeAudio.all.length, 0);
  assert.equal(voice.playing, false);
});

test('no voice, an error or a browser that plays nothing leave a note and the text', async () => {
  for (const [status, refuse, words] of [[204, null, /no voice/], [503, null, /could not/], [200, 'NotAllowedError', /click/]]) {
    const { voice } = open({ status });
    FakeAudio.refuse = refuse;
    voice.available = true;
    voice.question(0);
    await settled();
    await settled();
    assert.match(voice.note, words);
    assert.equal(voice.playing, false);
  }
});
