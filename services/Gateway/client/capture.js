// The candidate's page: camera, microphone and keyboard on one side, the capture protocol on the other.
import { CaptureSession } from './capture-protocol.js';
import { byId, clock, el } from './dom.js';
import { encodesOpus, OpusAnswer } from './opus-encoder.js';
import { ReadAloud } from './read-aloud.js';

const FRAME_INTERVAL_MS = 500;
const JPEG_QUALITY = 0.8;
const MAX_FRAME_WIDTH = 640;
const OUTPUT_WORDS = { emotion: 'emotion', 'face-presence': 'whether a face is there', blink: 'blinks' };
const CONSENTS = { videoEmotion: 'agree-emotion', facePresence: 'agree-presence', blink: 'agree-blink', audioTranscription: 'agree-speech', recording: 'agree-recording' };
const REDUCED_INTERVAL_MS = 2_000;
const LEVELS = [
  '', 'Your answers will be scored by a person.', 'Questions come from our catalogue, and your answers will be scored by a person.',
  'Speech does not work at the moment: please type your answers.', 'We cannot go on now. What you sent is stored; you will be offered another time.',
];

const sessionId = new URLSearchParams(location.search).get('session') ?? '';
const token = location.hash.slice(1);
const socketUrl = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws/capture`;

const session = new CaptureSession({ url: socketUrl, token, sessionId });
const readAloud = new ReadAloud({ sessionId, token, onChange: showReadAloud });
let hello = null;
let question = null;
let ladder = { level: 0, media: 'full' };
let media = null;
let recorder = null;
let recordingSince = 0;
let recording = false;
let opusAnswer = null; // null where the browser has no encoder: then PCM16 is sent

function tell(text) {
  byId('problem').textContent = text;
  byId('problem').hidden = !text;
}

session.addEventListener('status', ({ detail }) => {
  const words = { connecting: 'connecting', open: 'connected', waiting: 'connection lost, trying again', closed: 'disconnected' };
  byId('connection').textContent = words[detail.status];
  byId('connection').className = `badge ${detail.status}`;
  if (detail.status === 'closed' && detail.code !== 1000) {
    tell(detail.reason || 'The connection was closed.');
  }
});

session.addEventListener('hello', ({ detail }) => {
  hello = detail;
  readAloud.available = Boolean(detail.readAloud);
  showConsents();
  if (detail.status !== 'created') {
    session.start();
  }
});

session.addEventListener('level', ({ detail }) => {
  ladder = detail;
  const media = { reduced: ' Fewer pictures are sent for now.', 'audio-only': ' No pictures are sent for now.' }[detail.media] ?? '';
  byId('notice').textContent = LEVELS[detail.level] + media;
  byId('notice').hidden = detail.level === 0 && !media;
  if (question) {
    showKind();
  }
});

session.addEventListener('consent', ({ detail }) => {
  const { sendFrames, frameOutputs, sendAudio, consents } = detail;
  Object.assign(hello, { sendFrames, frameOutputs, sendAudio, consents });
  showConsents();
  byId('consent-note').textContent = session.consents ? 'Being stored …' : 'Stored. It holds from now on.';
  if (!sendAudio && recording) {
    finish(); // what was said until now ends here
  } else if (question && !recording) {
    showKind();
  }
});

session.addEventListener('refused', ({ detail }) => tell(detail.message));
session.addEventListener('ack', showCounts);

session.addEventListener('question', ({ detail }) => {
  if (question?.index === detail.index && !byId('interview').hidden) {
    return;
  }
  question = detail;
  tell('');
  showQuestion();
});

session.addEventListener('completed', () => {
  question = null;
  readAloud.stop();
  byId('welcome').hidden = byId('interview').hidden = true;
  byId('done').hidden = false;
  byId('results').href = `/live/${encodeURIComponent(sessionId)}`;
  showCounts();
  stopMedia();
});

function showQuestion() {
  const count = question.count ?? hello?.questionCount ?? question.index + 1;
  byId('welcome').hidden = Boolean(media);
  byId('start').hidden = true;
  byId('interview').hidden = false;
  byId('progress').replaceChildren(...Array.from({ length: count }, (_, i) =>
    el('i', { class: i < question.index ? 'done' : i === question.index ? 'now' : '' })));
  byId('number').textContent = `${question.followUp ? 'Follow-up question' : 'Question'} ${question.index + 1} of ${count}`;
  byId('text').textContent = question.text;
  byId('passage').textContent = question.passage ?? '';
  byId('passage').hidden = !question.passage;
  showKind();
  byId('busy').hidden = true;
  byId('record').hidden = false;
  byId('finish').hidden = true;
  byId('elapsed').textContent = '';
  byId('answer').value = '';
  showSize();
  readAloud.question(question.index);
}

/** What is sent and what for, and the switches as the gateway has them. A click that is not confirmed yet stays as it is. */
function showConsents() {
  const outputs = hello.frameOutputs ?? [];
  byId('says-frames').hidden = !hello.sendFrames;
  byId('says-outputs').textContent = outputs.map((name) => OUTPUT_WORDS[name] ?? name).join(', ') || 'nothing';
  byId('says-audio').hidden = !hello.sendAudio;
  byId('says-recording').hidden = !hello.consents?.recording;
  byId('consents').hidden = !hello.consents;
  const shown = session.consents ?? hello.consents ?? {};
  for (const [name, id] of Object.entries(CONSENTS)) {
    byId(id).checked = Boolean(shown[name]);
  }
  byId('agree-emotion-note').hidden = !hello.consents?.videoEmotion || outputs.includes('emotion');
}

byId('consents').addEventListener('change', () => {
  byId('consent-note').textContent = 'Being stored …';
  session.setConsents(Object.fromEntries(Object.entries(CONSENTS).map(([name, id]) => [name, byId(id).checked])));
});

function showReadAloud() {
  byId('speech').hidden = !readAloud.available;
  byId('listen').textContent = readAloud.playing ? 'Stop reading' : 'Read aloud';
  byId('listen').setAttribute('aria-pressed', String(readAloud.playing));
  byId('auto-listen').checked = readAloud.automatic;
  byId('speech-note').textContent = readAloud.note;
}

byId('listen').addEventListener('click', () => (readAloud.playing ? readAloud.stop() : readAloud.play()));
byId('auto-listen').addEventListener('change', ({ target }) => {
  readAloud.automatic = target.checked;
});

/** How the question is answered now: where speech does not work, every one is typed. */
function showKind() {
  const typed = question.kind === 'typed' || ladder.level >= 3;
  byId('typed').hidden = !typed;
  byId('spoken').hidden = typed || !hello.sendAudio;
  byId('silent').hidden = typed || hello.sendAudio;
}

function showCounts() {
  const counts = session.counts;
  byId('frames').textContent = `${counts.framesAcked} of ${counts.framesSent}`;
  byId('audio').textContent = `${counts.audioAcked} of ${counts.audioSent}`;
  byId('answers').textContent = counts.answersAcked;
  byId('skipped').textContent = counts.skippedFrames;
}

// --- camera and microphone

byId('allow').addEventListener('click', async () => {
  try {
    media = await navigator.mediaDevices.getUserMedia({
      video: { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 15 } },
      audio: { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false },
    });
  } catch (error) {
    tell(`Camera and microphone could not be opened (${error.name}): allow them for this page in the browser, and check that no other program holds them.`);
    return;
  }
  tell('');
  byId('preview').srcObject = media;
  recorder = await openRecorder(media);
  byId('allow').hidden = true;
  byId('start').disabled = false;
  if (question) {
    byId('welcome').hidden = true;
  }
  setTimeout(nextFrame, FRAME_INTERVAL_MS);
});

byId('start').addEventListener('click', () => {
  byId('start').disabled = true;
  session.start();
});

async function openRecorder(stream) {
  const context = new AudioContext();
  await context.audioWorklet.addModule('/client/audio-worklet.js');
  const node = new AudioWorkletNode(context, 'pcm-recorder', { numberOfOutputs: 0 });
  context.createMediaStreamSource(stream).connect(node);
  node.port.onmessage = ({ data }) => takeAudio(data);
  return { context, node, opus: await encodesOpus() };
}

function stopMedia() {
  media?.getTracks().forEach((track) => track.stop());
  recorder?.context.close();
  media = recorder = null;
}

const canvas = document.createElement('canvas');

async function nextFrame() {
  const startedAt = performance.now();
  const video = byId('preview');
  if (media && question && hello?.sendFrames && ladder.media !== 'audio-only' && video.videoWidth > 0) {
    const scale = Math.min(1, MAX_FRAME_WIDTH / video.videoWidth);
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    const capturedAtMs = Date.now();
    canvas.getContext('2d').drawImage(video, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, 'image/jpeg', JPEG_QUALITY));
    if (blob && question) {
      session.sendFrame(new Uint8Array(await blob.arrayBuffer()), capturedAtMs);
      showCounts();
    }
  }
  if (!session.over) {
    const intervalMs = ladder.media === 'reduced' ? REDUCED_INTERVAL_MS : FRAME_INTERVAL_MS;
    setTimeout(nextFrame, Math.max(20, intervalMs - (performance.now() - startedAt)));
  }
}

// --- spoken answers

byId('record').addEventListener('click', async () => {
  if (!recorder) {
    tell('Allow the microphone first.');
    byId('welcome').hidden = false;
    return;
  }
  readAloud.stop(); // or the microphone would hear the question
  await recorder.context.resume();
  recordingSince = Date.now();
  recording = true;
  opusAnswer = recorder.opus ? new OpusAnswer(send) : null;
  recorder.node.port.postMessage('start');
  byId('record').hidden = true;
  byId('finish').hidden = false;
  byId('connection').classList.add('recording');
});

byId('finish').addEventListener('click', finish);

function finish() {
  recording = false;
  byId('finish').hidden = true;
  byId('busy').hidden = false;
  byId('connection').classList.remove('recording');
  recorder.node.port.postMessage('stop');
}

byId('skip').addEventListener('click', () => {
  byId('silent').hidden = true;
  byId('busy').hidden = false;
  session.sendAudio(new Uint8Array(0), Date.now(), true);
});

function takeAudio({ pcm, samples, level, last }) {
  const loudness = Math.min(100, Math.round(level * 400));
  byId('level').style.width = `${last ? 0 : loudness}%`;
  byId('level').parentElement.setAttribute('aria-valuenow', loudness);
  byId('elapsed').textContent = clock(Date.now() - recordingSince);
  const capturedAtMs = Date.now() - samples / 16;
  if (opusAnswer) {
    opusAnswer.push(pcm, capturedAtMs, last);
  } else {
    send(pcm, capturedAtMs, last, false);
  }
}

function send(payload, capturedAtMs, last, opus) {
  if (!session.sendAudio(payload, capturedAtMs, last, opus)) {
    tell('The connection is away for too long: what you say now cannot be kept. Wait until it is back.');
  }
  showCounts();
}

// --- typed answers

const encoder = new TextEncoder();

function showSize() {
  const limit = hello?.limits.answerBytes ?? 32768;
  const bytes = encoder.encode(byId('answer').value).length;
  byId('size').textContent = bytes > limit / 2 ? `${bytes} of ${limit} bytes` : '';
}

byId('answer').addEventListener('input', showSize);

byId('typed').addEventListener('submit', (event) => {
  event.preventDefault();
  byId('typed').hidden = true;
  byId('busy').hidden = false;
  session.sendAnswer(question.index, byId('answer').value);
});

if (token && sessionId) {
  session.connect();
} else {
  tell('This address lacks its session: open the interview with the link that starts it.');
  byId('allow').disabled = true;
}

// for tests in a browser
globalThis.captureSession = session;
