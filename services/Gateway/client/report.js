// A session's report as a page: GET /api/sessions/ID/report, drawn. Asks again while the report, or its last window, is not there yet.
import { byId, clock, el, percent } from './dom.js';
import { EMOTIONS } from './emotion-chart.js';
import { drawTimeline } from './report-chart.js';

const WAIT_MS = 3_000;
const WAITS = 200;

const session = new URLSearchParams(location.search).get('session') ?? '';
const address = `/api/sessions/${encodeURIComponent(session)}/report`;
const score = (value) => (value === null ? '–' : value.toFixed(0));
const usd = (value) => (value === 0 ? 'nothing was charged' : `$${value.toFixed(4)}`);
const time = (ms) => new Date(ms).toLocaleString();
let report = null;
let recordings = []; // of answers whose sound was kept
const players = new Map(); // by SHA-256: what is being played outlives a redraw

async function load(tries) {
  let next = WAIT_MS;
  try {
    const response = await fetch(address, { cache: 'no-store' });
    const body = await response.json();
    if (response.ok) {
      recordings = await loadRecordings();
      report = body;
      byId('waiting').hidden = true;
      draw();
      if (report.timeline.complete) {
        return;
      }
    } else if (body.code === 'report-not-ready' || body.code === 'results-unavailable') {
      say('waiting', body.detail);
    } else {
      say('problem', body.detail ?? body.title);
      return;
    }
  } catch {
    next *= 2; // the gateway is away
  }
  if (tries > 0) {
    setTimeout(load, next, tries - 1);
  }
}

/** Where the media store is away, the report stands without them. */
async function loadRecordings() {
  try {
    const response = await fetch(`/api/sessions/${encodeURIComponent(session)}/media`, { cache: 'no-store' });
    return response.ok ? (await response.json()).filter((file) => file.kind === 'answer' && !file.missing) : [];
  } catch {
    return [];
  }
}

function say(where, text) {
  byId(where).textContent = text;
  byId(where).hidden = false;
}

function draw() {
  byId('all').hidden = false;
  document.title = `Report of ${report.candidateName} · StreamPlatform`;
  byId('title').textContent = report.candidateName || report.candidateId;
  byId('subtitle').textContent = [report.position, report.jurisdiction, time(report.startedAtMs), `${clock(report.completedAtMs - report.startedAtMs)} min`].filter(Boolean).join(' · ');
  drawReview();
  drawScores();
  drawNotes();
  drawChart();
  drawTables();
  byId('answers').replaceChildren(...(report.answers.length > 0 ? report.answers.map(drawAnswer) : [el('p', { class: 'empty' }, 'No answer was given.')]));
  drawMeasured();
  drawVersions();
  const r = report.revision;
  byId('foot').textContent = `Session ${report.sessionId} · revision ${r.number} of ${time(r.atMs)}: ${r.reason}${r.partial ? ' (parts missing)' : ''}. `
    + 'Emotion and behaviour describe what a camera and a microphone saw; they are not evidence of ability.';
}

function drawReview() {
  const { state, answersPending } = report.review;
  const words = { pending: answersPending > 0 ? `needs human review: ${answersPending} pending` : 'needs human review', confirmed: 'a person set every score', clear: 'no review needed' };
  byId('review').textContent = words[state];
  byId('review').className = `badge end ${state === 'pending' ? 'warn' : 'good'}`;
}

function bars(rows) {
  return el('div', { class: 'bars' }, ...rows.flatMap(([name, value]) => [
    el('span', {}, name),
    el('span', { class: 'meter', role: 'meter', 'aria-label': name, 'aria-valuemin': 0, 'aria-valuemax': 100, 'aria-valuenow': value ?? 0, 'aria-valuetext': value === null ? 'not known' : score(value) },
      el('i', { style: `width:${Math.max(0, Math.min(100, value ?? 0))}%` })),
    el('b', {}, score(value)),
  ]));
}

function drawScores() {
  const s = report.scores;
  byId('scores').replaceChildren(
    el('p', { class: 'overall' }, el('strong', {}, score(s.overall)), el('span', { class: 'muted' }, 'of 100 overall')),
    bars([['Technical', s.technical], ['Communication', s.communication], ['Emotion', s.emotion], ['Behaviour', s.behaviour]]),
    el('p', { class: 'small muted' }, `Behaviour: face ${score(s.face)}, talk ${score(s.talk)}, pace ${score(s.pace)}. A part that is not known (–) has no weight.`));
}

function drawNotes() {
  const notes = report.integrity.map((n) => el('li', { 'data-kind': n.kind },
    n.fromMs === null ? null : el('time', {}, clock(n.fromMs - report.startedAtMs)), el('span', {}, n.text)));
  byId('notes').replaceChildren(...(notes.length > 0 ? notes : [el('li', { class: 'empty' }, 'None.')]));
}

function drawChart() {
  byId('chart').replaceChildren(drawTimeline(report, byId('chart').clientWidth));
  byId('timeline-note').textContent = report.timeline.complete ? `${report.frames.analysed} frames analysed` : 'the last windows are still to come';
  const mean = report.frames.meanEmotion;
  byId('legend').replaceChildren(
    ...EMOTIONS.map((name) => el('li', {}, el('i', { style: `background: var(--${name})` }), name, el('b', { class: 'muted' }, mean ? percent(mean[name]) : ''))),
    el('li', {}, el('i', { class: 'gap' }), 'no face, several faces, no frames, no connection'), el('li', {}, el('i', { class: 'face' }), 'face'), el('li', {}, el('i', { class: 'blinks' }), 'blinks'));
}

function drawTables() {
  const number = (text) => el('td', { class: 'number' }, text);
  byId('window-heads').replaceChildren(...['From', 'Dominant', 'Face', 'Frames', 'Blinks', ...EMOTIONS].map((h, i) => el('th', { scope: 'col', class: i > 1 ? 'number' : null }, h)));
  byId('windows').replaceChildren(...report.timeline.windows.map((w) => el('tr', {},
    el('td', {}, clock(w.startMs - report.startedAtMs)), el('td', {}, w.dominant || 'no face'), number(percent(w.faceRatio)), number(w.framesCaptured > w.framesAnalysed ? `${w.framesAnalysed} of ${w.framesCaptured}` : String(w.framesAnalysed)), number(String(w.blinks)),
    ...EMOTIONS.map((name) => number(w.mean ? percent(w.mean[name]) : '–')))));
  byId('events').replaceChildren(...report.timeline.events.map((e) => el('tr', {}, el('td', {}, clock(e.atMs - report.startedAtMs)), el('td', {}, e.text))));
}

function drawAnswer(a) {
  const s = a.speech;
  const heard = s && [
    `heard by ${s.engine}`, `confidence ${percent(s.confidence)}`, `${clock(s.speechMs)} of speech and ${clock(s.silenceMs)} of silence`, `${s.words} words`,
    s.wordsPerMinute === null ? null : `${s.wordsPerMinute.toFixed(0)} words per minute`,
  ].filter(Boolean).join(', ');
  return el('article', { class: 'entry', 'data-question': a.questionIndex },
    el('h3', {}, `${a.questionIndex + 1}. ${a.question || 'Question'}`),
    a.text ? el('p', { class: 'answer' }, a.text) : el('p', { class: 'empty' }, 'No words.'),
    el('p', { class: 'small muted' }, heard ?? a.kind),
    ...recordings.filter((file) => file.questionIndex === a.questionIndex).map((file) => players.get(file.sha256) ?? drawRecording(file)),
    a.score ? drawScore(a.score) : el('p', { class: 'small warning' }, 'Not scored.'));
}

/** Loaded when somebody wants to hear it, and whole: the download is audited, and the player can go to and fro. */
function drawRecording(file) {
  const button = el('button', { type: 'button', class: 'secondary listen' }, `Listen to the answer (${clock(file.durationMs)})`);
  button.addEventListener('click', async () => {
    button.disabled = true;
    try {
      const response = await fetch(`/api/sessions/${encodeURIComponent(session)}/media/${file.sha256}`, { cache: 'no-store' });
      if (!response.ok) {
        throw new Error((await response.json()).detail);
      }
      const player = el('audio', { controls: true, autoplay: true, src: URL.createObjectURL(await response.blob()), 'aria-label': `Sound of answer ${file.questionIndex + 1}` });
      players.set(file.sha256, player);
      button.replaceWith(player);
    } catch (error) {
      button.disabled = false;
      say('problem', `The sound could not be loaded: ${error.message}`);
    }
  });
  players.set(file.sha256, button);
  return button;
}

function drawScore(s) {
  const by = s.override;
  const source = [s.engine + (s.model ? ` (${s.model})` : ''), `rubric ${s.rubricVersion}`, s.promptVersion ? `prompt ${s.promptVersion}` : null, `revision ${s.revision}`, s.costUsd > 0 ? usd(s.costUsd) : null];
  return el('div', { class: 'score' },
    bars([['Technical', s.technical], ['Communication', s.communication]]),
    el('p', { class: 'small' }, s.feedback),
    s.evidence.length > 0 ? el('ul', { class: 'evidence small' }, ...s.evidence.map((quote) => el('li', {}, `“${quote}”`))) : null,
    el('p', { class: 'small muted' }, source.filter(Boolean).join(', ')),
    by ? el('p', { class: 'small override' }, `Set by ${by.by}, ${time(by.atMs)}: ${by.reason} (before: ${score(by.previousTechnical)} and ${score(by.previousCommunication)} by ${by.previousEngine})`) : null,
    s.flags.length > 0 ? el('p', { class: 'small warning' }, `Flags: ${s.flags.join(', ')}`) : null,
    s.needsHumanReview ? el('p', { class: 'small' }, el('span', { class: 'badge warn' }, 'needs human review'), ` ${s.reviewReason}`) : null);
}

function stats(rows) {
  return rows.filter(Boolean).flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)]);
}

function drawMeasured() {
  const { frames: f, speech: s } = report;
  byId('measured').replaceChildren(...stats([
    ['Frames analysed', `${f.analysed} of ${f.acked}`], ['with a face', String(f.withFace)], ['with several faces', String(f.withSeveralFaces)], ['Unreadable frames', String(f.deadLettered)], ['Skipped under load', String(f.skipped)],
    ['Blinks', String(f.blinks)], ['Dominant emotion', f.dominantEmotion || '–'], ['Speech', clock(s.speechMs)], ['Silence in answers', clock(s.silenceMs)], ['Words', String(s.words)],
    ['Words per minute of speech', s.wordsPerMinute === null ? '–' : s.wordsPerMinute.toFixed(0)],
  ]));
}

function drawVersions() {
  byId('versions').replaceChildren(...report.versions.map((v) => el('tr', {}, el('td', {}, v.part), el('td', {}, v.name), el('td', {}, v.version || '–'), el('td', {}, v.uses > 0 ? String(v.uses) : ''))));
  byId('costs').replaceChildren(...stats([['Cost of this session', usd(report.cost.totalUsd)], ...report.cost.parts.map((p) => [`${p.part}, ${p.calls} call(s)`, usd(p.usd)])]));
}

for (const [id, href] of [['live', `/live/${encodeURIComponent(session)}`], ['json', address], ['pdf', `${address}.pdf`]]) {
  byId(id).href = href;
  byId(id).hidden = session === '';
}
if (session === '') {
  say('problem', 'Which session? The address needs ?session=ID; the list of interviews has the links.');
} else {
  load(WAITS);
}
addEventListener('resize', () => report && drawChart());
addEventListener('beforeprint', () => document.querySelectorAll('details').forEach((d) => { d.open = true; }));
