// The report's timeline: emotion of each window as stacked areas, question marks and gaps, and strips of face presence and blinks below.
import { clock, percent, svg } from './dom.js';
import { EMOTIONS } from './emotion-chart.js';

const MIN_WIDTH = 320;
const LEFT = 48;
const RIGHT = 10;
const TOP = 22;
const AREA = 200;
const STRIP = 22;
const FACE_TOP = TOP + AREA + 32;
const BLINKS_TOP = FACE_TOP + STRIP + 8;
const HEIGHT = BLINKS_TOP + STRIP + 6;
const STEPS_S = [10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600];
const GAPS = ['face-lost', 'capture-gap', 'several-faces'];
const MIN_LABEL_GAP = 30;

/** report: as GET /api/sessions/ID/report gives it; width: pixels to fill. Returns an SVG element. */
export function drawTimeline(report, availableWidth) {
  const width = Math.max(MIN_WIDTH, availableWidth);
  const { windows, events } = report.timeline;
  const range = timeRange(report);
  const x = (ms) => LEFT + (Math.min(Math.max(ms, range.start), range.end) - range.start) / (range.end - range.start) * (width - LEFT - RIGHT);
  const root = svg('svg', { viewBox: `0 0 ${width} ${HEIGHT}`, role: 'img', 'aria-labelledby': 'chart-title chart-desc' },
    svg('title', { id: 'chart-title' }, 'Emotion, face presence and blinks over the interview'),
    svg('desc', { id: 'chart-desc' }, describe(report)));
  drawAxes(root, range, x, width);
  windows.forEach((w) => root.append(drawWindow(w, x, range.start)));
  report.integrity.filter((n) => GAPS.includes(n.kind) && n.fromMs !== null && n.toMs !== null).forEach((n) => root.append(
    svg('rect', { class: 'gap', x: x(n.fromMs), y: TOP, width: Math.max(2, x(n.toMs) - x(n.fromMs)), height: AREA }, svg('title', {}, `${clock(n.fromMs - range.start)}: ${n.text}`))));
  drawInterruptions(root, events, x, range);
  drawMarks(root, events, x, range);
  return root;
}

function timeRange(report) {
  // all times are told from the start of the session; the first and the last window reach beyond it and are cut
  const last = report.timeline.windows.at(-1)?.startMs ?? 0;
  return { start: report.startedAtMs, end: Math.max(report.startedAtMs + 20_000, report.completedAtMs, last + 1_000) };
}

function drawAxes(root, range, x, width) {
  for (const part of [0, 0.5, 1]) {
    const y = TOP + AREA * (1 - part);
    root.append(svg('line', { x1: LEFT, x2: width - RIGHT, y1: y, y2: y, style: 'stroke: var(--line)' }),
      svg('text', { x: LEFT - 8, y: y + 4, 'text-anchor': 'end' }, `${part * 100} %`));
  }
  const step = (STEPS_S.find((s) => (range.end - range.start) / (s * 1000) <= Math.min(10, width / 80)) ?? 7200) * 1000;
  for (let t = 0; t <= range.end - range.start; t += step) {
    root.append(svg('line', { x1: x(range.start + t), x2: x(range.start + t), y1: TOP + AREA, y2: TOP + AREA + 5, style: 'stroke: var(--muted)' }),
      svg('text', { x: x(range.start + t), y: TOP + AREA + 18, 'text-anchor': t === 0 ? 'start' : x(range.start + t) > width - 24 ? 'end' : 'middle' }, clock(t)));
  }
  root.append(svg('text', { x: LEFT - 8, y: FACE_TOP + 15, 'text-anchor': 'end' }, 'face'), svg('text', { x: LEFT - 8, y: BLINKS_TOP + 15, 'text-anchor': 'end' }, 'blinks'));
}

function drawWindow(w, x, startMs) {
  const left = x(w.startMs);
  const width = Math.max(1, x(w.endMs) - left - 1); // x stays within the chart
  const group = svg('g', { class: 'window', 'data-start': w.startMs },
    svg('title', {}, `${clock(w.startMs - startMs)}: ${w.dominant || 'no face'}, face in ${percent(w.faceRatio)} of ${w.framesAnalysed} frames, ${w.blinks} blinks`));
  let below = 0;
  for (const name of w.mean ? EMOTIONS : []) {
    const above = Math.min(1, below + w.mean[name]);
    group.append(svg('rect', { x: left, width, y: TOP + AREA * (1 - above), height: AREA * (above - below), style: `fill: var(--${name})` }));
    below = above;
  }
  const blinks = Math.min(STRIP, w.blinks * 3);
  group.append(
    svg('rect', { x: left, width, y: FACE_TOP, height: STRIP, style: 'fill: var(--line)' }),
    svg('rect', { x: left, width, y: FACE_TOP + STRIP * (1 - w.faceRatio), height: STRIP * w.faceRatio, style: 'fill: var(--accent)' }),
    svg('rect', { x: left, width, y: BLINKS_TOP, height: STRIP, style: 'fill: var(--line); fill-opacity: .45' }),
    svg('rect', { x: left, width, y: BLINKS_TOP + STRIP - blinks, height: blinks, style: 'fill: var(--good); fill-opacity: .55' }));
  if (width > 16) {
    group.append(svg('text', { class: 'count', x: left + width / 2, y: BLINKS_TOP + 15, 'text-anchor': 'middle' }, String(w.blinks)));
  }
  return group;
}

/** From each loss of the connection to its return, or to the end. */
function drawInterruptions(root, events, x, range) {
  let lost = null;
  for (const e of [...events, { kind: 'completed', atMs: range.end }]) {
    if (e.kind === 'interrupted') {
      lost = e;
    } else if (lost && (e.kind === 'resumed' || e.kind === 'completed')) {
      root.append(svg('rect', { class: 'gap', x: x(lost.atMs), y: TOP, width: Math.max(2, x(e.atMs) - x(lost.atMs)), height: AREA }, svg('title', {}, `${clock(lost.atMs - range.start)}: ${lost.text}`)));
      lost = null;
    }
  }
}

function drawMarks(root, events, x, range) {
  let labelEnd = 0;
  for (const e of events.filter((m) => ['question', 'level', 'interrupted', 'resumed'].includes(m.kind))) {
    const label = { question: `Q${e.text.replace(/\D+/g, '')}`, level: `level ${e.level}`, interrupted: 'lost', resumed: 'back' }[e.kind];
    const group = svg('g', { class: `mark-${e.kind}` }, svg('title', {}, `${clock(e.atMs - range.start)}: ${e.text}`),
      svg('line', { x1: x(e.atMs), x2: x(e.atMs), y1: TOP - 4, y2: TOP + AREA, style: 'stroke: var(--ink); stroke-dasharray: 4 3' }));
    if (x(e.atMs) >= labelEnd) {
      group.append(svg('text', { class: 'mark', x: x(e.atMs), y: TOP - 8 }, label));
      labelEnd = x(e.atMs) + Math.max(MIN_LABEL_GAP, label.length * 7);
    }
    root.append(group);
  }
}

function describe(report) {
  const { windows, events } = report.timeline;
  const questions = events.filter((e) => e.kind === 'question').length;
  return windows.length === 0
    ? 'No frame was analysed.'
    : `${windows.length} windows of ten seconds, ${questions} questions. Dominant: ${windows.map((w) => w.dominant || 'no face').join(', ')}. The table below holds every number.`;
}
