// The interviewer's page: follows one interview over /ws/live and draws what is known so far.
import { byId, clock, el, percent } from './dom.js';
import { drawChart, EMOTIONS } from './emotion-chart.js';

const BACKOFF_MS = [500, 1_000, 2_000, 5_000];
const MAX_EMOTIONS = 20_000;
const MAX_EVENTS = 200;

const sessionId = decodeURIComponent(location.pathname.split('/').pop());

/** All that is known; every part is keyed, so that what comes twice counts once. */
const known = {
  session: null, emotions: new Map(), windows: new Map(), questions: new Map(), answers: new Map(), transcripts: new Map(), segments: new Map(),
  scores: new Map(), report: null, events: new Map(), emotionAllowed: null, emotionRows: 0,
};
let attempt = 0;
let drawing = false;

const take = {
  snapshot(m) {
    known.session = m.session;
    known.report = m.report ?? known.report;
    known.emotionRows = m.emotionRows;
    m.windows.forEach((w) => known.windows.set(w.startMs, w));
    m.answers.forEach((a) => known.answers.set(a.questionIndex, a));
    m.transcripts.forEach((t) => known.transcripts.set(t.questionIndex, t));
    m.segments.forEach((s) => known.segments.set(s.segmentId, s));
    m.scores.forEach((s) => known.scores.set(s.questionIndex, s));
  },
  emotion(m) {
    known.emotions.set(m.sequence, m);
    if (known.emotions.size > MAX_EMOTIONS) {
      known.emotions.delete(known.emotions.keys().next().value);
    }
  },
  window: (m) => known.windows.set(m.window.startMs, m.window),
  segment: (m) => known.segments.set(m.segment.segmentId, m.segment),
  transcript(m) {
    if (m.transcript.revision >= (known.transcripts.get(m.transcript.questionIndex)?.revision ?? 0)) {
      known.transcripts.set(m.transcript.questionIndex, m.transcript);
    }
  },
  answer: (m) => known.answers.set(m.answer.questionIndex, m.answer),
  score: (m) => known.scores.set(m.score.questionIndex, m.score),
  report(m) { known.report = m.report; },
  event(m) {
    if (known.events.size < MAX_EVENTS) {
      known.events.set(`${m.name}/${m.atMs}`, m);
    }
    if (m.name === 'question-asked') {
      known.questions.set(m.question.index, m.question);
    }
    if (m.name === 'started') {
      known.emotionAllowed = m.emotionAllowed;
    }
    const status = { started: 'active', interrupted: 'interrupted', resumed: 'active', completed: 'completed' }[m.name];
    if (status && known.session && m.atMs >= known.session.updatedAtMs - 2_000) {
      known.session.status = status;
    }
  },
  error(m) {
    byId('problem').textContent = m.message;
    byId('problem').hidden = false;
  },
};

function connect() {
  const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws/live/${encodeURIComponent(sessionId)}`);
  socket.onopen = () => {
    attempt = 0;
    badge('live', 'open');
  };
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    take[message.type]?.(message);
    draw();
  };
  socket.onclose = ({ code }) => {
    if (code === 4404) {
      badge('unknown', 'closed');
      return;
    }
    badge('connection lost, trying again', 'waiting');
    setTimeout(connect, BACKOFF_MS[Math.min(attempt++, BACKOFF_MS.length - 1)]);
  };
}

function badge(text, kind) {
  byId('connection').textContent = text;
  byId('connection').className = `badge ${kind}`;
}

/** At most one drawing per animation frame, however many messages came. */
function draw() {
  if (!drawing) {
    drawing = true;
    requestAnimationFrame(() => {
      drawing = false;
      drawSession();
      drawEmotion();
      drawAnswers();
      drawReport();
      drawEvents();
    });
  }
}

function drawSession() {
  const s = known.session;
  if (s) {
    byId('title').textContent = s.candidateName;
    byId('subtitle').textContent = [s.position, s.jurisdiction, new Date(s.createdAtMs).toLocaleString()].filter(Boolean).join(' · ');
    byId('status').textContent = s.status;
    byId('status').className = `badge end ${s.status}`;
    document.title = `${s.candidateName} · StreamPlatform`;
  }
}

function drawEmotion() {
  const emotions = [...known.emotions.values()].sort((a, b) => a.capturedAtMs - b.capturedAtMs);
  const windows = [...known.windows.values()].sort((a, b) => a.startMs - b.startMs);
  const latest = emotions.findLast((e) => e.probabilities)?.probabilities ?? windows.findLast((w) => w.mean)?.mean;
  const frames = Math.max(emotions.length, known.emotionRows, windows.reduce((sum, w) => sum + w.framesAnalysed, 0));
  byId('emotion-note').textContent = known.emotionAllowed === false && frames === 0
    ? 'not analysed: no consent, or not permitted where the candidate is'
    : `${frames} frames analysed`;
  byId('chart').replaceChildren(drawChart(emotions, windows, byId('chart').clientWidth));
  byId('legend').replaceChildren(...EMOTIONS.map((name) => el('li', {},
    el('i', { style: `background: var(--${name})` }), name, el('b', { class: 'muted' }, latest ? percent(latest[name]) : ''))));
  const first = emotions[0]?.capturedAtMs ?? windows[0]?.startMs ?? 0;
  byId('windows').replaceChildren(...windows.map((w) => el('tr', {},
    el('td', {}, clock(w.startMs - first)), el('td', {}, w.dominant || 'no face'), el('td', {}, percent(w.faceRatio)),
    el('td', {}, w.framesSkipped ? `${w.framesAnalysed} of ${w.framesCaptured}` : String(w.framesAnalysed)), el('td', {}, String(w.blinks)))));
}

function drawAnswers() {
  const indexes = new Set([...known.questions.keys(), ...known.answers.keys(), ...known.transcripts.keys(), ...known.scores.keys(),
    ...[...known.segments.values()].map((s) => s.questionIndex)]);
  const entries = [...indexes].sort((a, b) => a - b).map(drawAnswer);
  byId('answers').replaceChildren(...(entries.length > 0 ? entries : [el('p', { class: 'empty' }, 'No question yet.')]));
}

function drawAnswer(index) {
  const answer = known.answers.get(index);
  const transcript = known.transcripts.get(index);
  const score = known.scores.get(index);
  const segments = [...known.segments.values()].filter((s) => s.questionIndex === index).sort((a, b) => a.segmentIndex - b.segmentIndex);
  const said = transcript?.text ?? segments.map((s) => s.text).join(' ');
  const text = said || answer?.text || '';
  const source = transcript ? spoken(transcript) : segments.length > 0 ? (segments.some((s) => s.interim) ? 'so far, still listening' : 'so far') : answer?.kind === 'typed' ? 'typed' : '';
  return el('article', { class: 'entry', 'data-question': index },
    el('h3', {}, `${index + 1}. ${known.questions.get(index)?.text ?? answer?.questionText ?? 'Question'}`),
    text ? el('p', { class: 'answer' }, text) : el('p', { class: 'empty' }, 'No words yet.'),
    source ? el('p', { class: 'small muted' }, source, transcript?.needsCorrection ? el('span', { class: 'badge warn' }, 'transcript needs correction') : null) : null,
    score ? drawScore(score) : null);
}

function spoken({ engine, confidence, revision, correctedBy, features }) {
  const heard = revision > 0 ? `corrected by ${correctedBy}` : `${engine}, confidence ${percent(confidence)}`;
  return features ? `${heard}, ${features.wordsPerMinute.toFixed(0)} words a minute, ${features.pauses} pauses ` : `${heard} `;
}

function drawScore(score) {
  return el('div', { class: 'score' },
    bars([['Technical', score.technical], ['Communication', score.communication]]),
    el('p', { class: 'small' }, score.feedback),
    el('p', { class: 'small muted' }, `${score.engine} `, score.needsHumanReview ? el('span', { class: 'badge warn' }, 'needs human review') : null));
}

function bars(rows) {
  return el('div', { class: 'bars' }, ...rows.flatMap(([name, value]) => [
    el('span', {}, name), el('span', { class: 'meter' }, el('i', { style: `width:${Math.max(0, Math.min(100, value))}%` })), el('b', {}, value.toFixed(0)),
  ]));
}

function drawReport() {
  const r = known.report;
  byId('report').replaceChildren(...(!r
    ? [el('p', { class: 'empty' }, 'Comes when the interview is over and all of it has been analysed.')]
    : [
      el('p', { class: 'overall' }, el('strong', {}, r.overall.toFixed(0)), el('span', { class: 'muted' }, 'of 100 overall')),
      bars([['Technical', r.technical], ['Communication', r.communication], ['Emotion', r.emotion], ['Behaviour', r.behaviour]]),
      el('p', { class: 'small muted' }, [
        `${r.framesAnalysed} frames, ${r.framesWithFace} with a face`, r.framesDeadLettered ? `${r.framesDeadLettered} unreadable` : null,
        r.dominantEmotion ? `mostly ${r.dominantEmotion}` : null, `${r.blinks} blinks`, `${clock(r.speechMs)} of speech in ${clock(r.audioMs)}`,
      ].filter(Boolean).join(' · ')),
      el('p', {}, el('a', { href: `/report.html?session=${encodeURIComponent(sessionId)}` }, 'The whole report, with charts')),
      r.needsHumanReview ? el('span', { class: 'badge warn' }, 'needs human review') : null,
      r.notes.length > 0 ? el('ul', { class: 'notes' }, ...r.notes.map((n) => el('li', {}, n))) : null,
    ].filter(Boolean)));
}

function drawEvents() {
  const words = {
    started: (e) => `Started, ${e.questionCount} questions`,
    'question-asked': (e) => `Question ${e.question.index + 1} asked`,
    'level-changed': (e) => `Level ${e.fromLevel} to ${e.toLevel}: ${e.reason}`,
    interrupted: (e) => `Interrupted: ${e.reason}`,
    resumed: (e) => `Resumed after ${clock(e.gapMs)}`,
    completed: (e) => `${e.timedOut ? 'Timed out' : 'Completed'}: ${e.framesAcked} frames, ${e.audioChunksAcked} audio pieces, ${e.answersSubmitted} answers`,
  };
  const events = [...known.events.values()].sort((a, b) => a.atMs - b.atMs);
  byId('events').replaceChildren(...(events.length > 0
    ? events.map((e) => el('li', {}, el('time', {}, new Date(e.atMs).toLocaleTimeString()), words[e.name]?.(e) ?? e.name))
    : [el('li', { class: 'empty' }, 'Nothing since this page was opened.')]));
}

addEventListener('resize', draw);
draw();
connect();
