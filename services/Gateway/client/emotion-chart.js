// The emotion timeline: probabilities over time as stacked areas, the windows of ten seconds below.
import { clock, percent, svg } from './dom.js';

export const EMOTIONS = ['happy', 'surprise', 'neutral', 'sad', 'fear', 'disgust', 'angry'];

const MIN_WIDTH = 300;
const HEIGHT = 300;
const LEFT = 44;
const TOP = 8;
const AREA = 200;
const WINDOW_TOP = TOP + AREA + 30;
const WINDOW_HEIGHT = 34;
const MAX_COLUMNS = 480;
const GAP_MS = 3_000;

/** emotions: by capture time; windows: by start; width: pixels to fill. Returns an SVG element. */
export function drawChart(emotions, windows, availableWidth) {
  const width = Math.max(MIN_WIDTH, availableWidth);
  const root = svg('svg', {
    viewBox: `0 0 ${width} ${HEIGHT}`, role: 'img', 'aria-label': summary(emotions, windows),
  });
  const range = timeRange(emotions, windows);
  const x = (ms) => LEFT + ((ms - range.start) / (range.end - range.start)) * (width - LEFT - 6);
  const y = (part) => TOP + AREA * (1 - part);
  drawGrid(root, range, x, y, width);
  const points = emotions.length > 0 ? columns(emotions, range) : fromWindows(windows);
  for (const run of runs(points)) {
    drawRun(root, run, x, y);
  }
  drawWindows(root, windows, x);
  return root;
}

function timeRange(emotions, windows) {
  const times = [...emotions.map((e) => e.capturedAtMs), ...windows.flatMap((w) => [w.startMs, w.endMs])];
  const start = emotions.length > 0 ? emotions[0].capturedAtMs : times.length > 0 ? Math.min(...times) : 0;
  const end = times.length > 0 ? times.reduce((a, b) => Math.max(a, b)) : 0;
  return { start, end: Math.max(end, start + 20_000) };
}

/** At most MAX_COLUMNS points: the mean of the frames with a face in each column of time. */
function columns(emotions, { start, end }) {
  const widthMs = Math.max(250, (end - start) / MAX_COLUMNS);
  const byColumn = new Map();
  for (const e of emotions) {
    const column = Math.floor((e.capturedAtMs - start) / widthMs);
    const entry = byColumn.get(column) ?? { atMs: e.capturedAtMs, faces: 0, sums: Object.fromEntries(EMOTIONS.map((n) => [n, 0])) };
    if (e.probabilities) {
      entry.faces++;
      EMOTIONS.forEach((n) => { entry.sums[n] += e.probabilities[n]; });
    }
    byColumn.set(column, entry);
  }
  return [...byColumn.values()].map(({ atMs, faces, sums }) => ({
    atMs, parts: faces > 0 ? Object.fromEntries(EMOTIONS.map((n) => [n, sums[n] / faces])) : null,
  }));
}

function fromWindows(windows) {
  return windows.flatMap((w) => [{ atMs: w.startMs, parts: w.mean }, { atMs: w.endMs - 1, parts: w.mean }]);
}

/** Stretches without a gap: a frame without a face, or silence, ends one. */
function runs(points) {
  const found = [];
  let run = [];
  const finish = () => {
    if (run.length > 0) {
      found.push(run);
    }
    run = [];
  };
  for (const point of points) {
    if (!point.parts || (run.length > 0 && point.atMs - run[run.length - 1].atMs > Math.max(GAP_MS, 11_000 * (points.length < 3)))) {
      finish();
    }
    if (point.parts) {
      run.push(point);
    }
  }
  finish();
  return found;
}

function drawRun(root, run, x, y) {
  const points = run.length === 1 ? [run[0], { ...run[0], atMs: run[0].atMs + 400 }] : run;
  let below = points.map(() => 0);
  for (const name of EMOTIONS) {
    const above = points.map((p, i) => Math.min(1, below[i] + p.parts[name]));
    const upper = points.map((p, i) => `${x(p.atMs).toFixed(1)},${y(above[i]).toFixed(1)}`);
    const lower = points.map((p, i) => `${x(p.atMs).toFixed(1)},${y(below[i]).toFixed(1)}`).reverse();
    root.append(svg('polygon', { points: [...upper, ...lower].join(' '), style: `fill: var(--${name})`, 'fill-opacity': '.88' }, svg('title', {}, name)));
    below = above;
  }
}

function drawGrid(root, range, x, y, width) {
  for (const part of [0, 0.5, 1]) {
    root.append(
      svg('line', { x1: LEFT, x2: width - 6, y1: y(part), y2: y(part), style: 'stroke: var(--line)' }),
      svg('text', { x: LEFT - 8, y: y(part) + 4, 'text-anchor': 'end' }, `${part * 100} %`));
  }
  const steps = [5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600].map((s) => s * 1000);
  const step = steps.find((s) => (range.end - range.start) / s <= Math.min(10, width / 90)) ?? 7_200_000;
  for (let t = 0; t <= range.end - range.start; t += step) {
    root.append(
      svg('line', { x1: x(range.start + t), x2: x(range.start + t), y1: TOP + AREA, y2: TOP + AREA + 5, style: 'stroke: var(--muted)' }),
      svg('text', { x: x(range.start + t), y: TOP + AREA + 18, 'text-anchor': t === 0 ? 'start' : x(range.start + t) > width - 24 ? 'end' : 'middle' }, clock(t)));
  }
}

function drawWindows(root, windows, x) {
  for (const w of windows) {
    const left = Math.max(LEFT, x(w.startMs));
    const width = Math.max(3, x(w.endMs) - left - 3);
    const colour = w.dominant ? `fill: var(--${w.dominant})` : 'fill: var(--line)';
    const text = `${w.dominant || 'no face'}: face in ${percent(w.faceRatio)} of ${w.framesAnalysed} frames, ${w.blinks} blinks`;
    root.append(svg('g', {},
      svg('rect', { x: left, y: WINDOW_TOP, width, height: WINDOW_HEIGHT, rx: 6, style: colour }),
      svg('rect', { x: left, y: WINDOW_TOP + WINDOW_HEIGHT + 4, width: width * w.faceRatio, height: 4, rx: 2, style: 'fill: var(--accent)' }),
      width > 54 ? svg('text', { x: left + width / 2, y: WINDOW_TOP + 21, 'text-anchor': 'middle', class: 'window-label' }, w.dominant || 'no face') : null,
      svg('title', {}, text)));
  }
  if (windows.length > 0) {
    root.append(svg('text', { x: LEFT - 8, y: WINDOW_TOP + 21, 'text-anchor': 'end' }, '10 s'), svg('text', { x: LEFT - 8, y: WINDOW_TOP + WINDOW_HEIGHT + 11, 'text-anchor': 'end' }, 'face'));
  }
}

function summary(emotions, windows) {
  return windows.length > 0
    ? `Emotion over time: ${windows.length} windows, dominant ${windows.map((w) => w.dominant || 'no face').join(', ')}.`
    : `Emotion over time: ${emotions.length} frames so far.`;
}
