// Plays one interview in a real headless Chromium: the capture page with a fake camera and microphone fed from files, the live page beside it.
//
//   node browser/interview.mjs BASE_URL --video FACES.mjpeg --audio SPEECH.wav --out FOLDER
//        [--questions id,id]      questions by id; without it the form of the start page is used
//        [--speak-seconds 6]      how long to answer a spoken question
//        [--typed TEXT]           the typed answer
//        [--reconnect]            cuts the WebSocket in the middle of the first answer; everything must arrive all the same
//        [--no-opus]              as a browser without WebCodecs: speech goes as PCM16
//        [--withdraw NAME]        unchecks this consent of the page (agree-emotion, agree-presence, agree-blink, agree-speech) once the last answer is due
//        [--report-seconds 0]     how long to wait for the report on the live page; 0 = do not
//        [--listen]               the candidate agrees to being recorded; the report page then plays every answer
//        [--chromium PATH]        default /usr/bin/chromium
//
// Prints one JSON object; exits 0 only when all that was sent was stored and no page reported an error. Needs `npm ci` in tests/js.
import { mkdtemp, mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    video: { type: 'string' },
    audio: { type: 'string' },
    out: { type: 'string' },
    questions: { type: 'string' },
    'speak-seconds': { type: 'string', default: '6' },
    typed: { type: 'string', default: 'Keep the offset and the result in one transaction, so that a redelivered message changes nothing: the consumer is idempotent.' },
    reconnect: { type: 'boolean', default: false },
    'no-opus': { type: 'boolean', default: false },
    withdraw: { type: 'string' },
    listen: { type: 'boolean', default: false },
    'report-seconds': { type: 'string', default: '0' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
  },
});
const base = positionals[0];
if (!base || !options.video || !options.audio || !options.out) {
  process.stderr.write('usage: node browser/interview.mjs BASE_URL --video FILE.mjpeg --audio FILE.wav --out FOLDER\n');
  process.exit(2);
}
const STEP_MS = 30_000;
const result = { ok: false, session: null, questions: [], counts: null, spokenSeconds: 0, reconnected: false, withdrawn: null, live: null, heard: null, screenshots: [], errors: [] };

await mkdir(options.out, { recursive: true });
const profile = await mkdtemp(join(tmpdir(), 'interview-browser-'));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: options.chromium,
  headless: true,
  permissions: ['camera', 'microphone'],
  viewport: { width: 1180, height: 900 },
  args: [
    '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
    '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', '--autoplay-policy=no-user-gesture-required',
    `--use-file-for-fake-video-capture=${resolve(options.video)}`, `--use-file-for-fake-audio-capture=${resolve(options.audio)}`,
  ],
});
browser.setDefaultTimeout(STEP_MS);

try {
  const capture = watch(await browser.newPage(), 'capture');
  if (options['no-opus']) {
    await capture.addInitScript(() => delete globalThis.AudioEncoder);
  }
  await openCapture(capture);
  await capture.locator('#allow').click();
  await capture.locator('#start:enabled').waitFor();
  await shoot(capture, 'capture-ready');

  const live = watch(await browser.newPage(), 'live');
  await live.goto(`${base}/live/${result.session}`);
  await live.locator('#connection.open').waitFor();

  // pages in the background are slowed down by the browser: each is brought to the front while it works
  await capture.bringToFront();
  await capture.locator('#start').click();
  for (let index = 0; !(await capture.locator('#done').isVisible()); index++) {
    if (options.withdraw && index === (options.questions?.split(',').length ?? 1) - 1) {
      await withdraw(capture);
    }
    await answer(capture, index);
  }
  await shoot(capture, 'capture-done');
  result.counts = await capture.evaluate(() => globalThis.captureSession.counts);

  await live.bringToFront();
  if (Number(options['report-seconds']) > 0) {
    await live.locator('#report .overall').waitFor({ timeout: Number(options['report-seconds']) * 1000 });
  }
  result.live = await live.evaluate(() => ({
    status: document.getElementById('status').textContent,
    frames: Number.parseInt(document.getElementById('emotion-note').textContent, 10) || 0,
    areas: document.querySelectorAll('#chart polygon').length,
    windows: document.querySelectorAll('#windows tr').length,
    answers: [...document.querySelectorAll('#answers .answer')].map((e) => e.textContent),
    scores: document.querySelectorAll('#answers .score').length,
    overall: document.querySelector('#report .overall strong')?.textContent ?? null,
    events: [...document.querySelectorAll('#events li')].map((e) => e.lastChild.textContent),
  }));
  await shoot(live, 'live');
  await live.emulateMedia({ colorScheme: 'dark' });
  await live.setViewportSize({ width: 420, height: 900 });
  await live.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  await shoot(live, 'live-dark-narrow');
  if (options.listen) {
    result.heard = await listen(watch(await browser.newPage(), 'report'));
  }
  const c = result.counts;
  result.ok = result.errors.length === 0 && c.framesSent > 0 && c.framesAcked === c.framesSent && c.audioAcked === c.audioSent
    && c.answersAcked === result.questions.length && result.live.status === 'completed';
} catch (error) {
  result.errors.push(String(error.stack ?? error));
} finally {
  await browser.close();
  await rm(profile, { recursive: true, force: true });
}
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exitCode = result.ok ? 0 : 1;

async function openCapture(page) {
  if (options.questions) {
    const response = await fetch(`${base}/api/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        candidateName: 'Browser Test', position: 'Backend Engineer', jurisdiction: 'US', questionIds: options.questions.split(','),
        consents: { videoEmotion: true, facePresence: true, blink: true, audioTranscription: true, recording: Boolean(options.listen) },
      }),
    });
    const session = await response.json();
    if (!response.ok) {
      throw new Error(`POST /api/sessions: ${JSON.stringify(session)}`);
    }
    await page.goto(base + session.captureUrl);
  } else {
    await page.goto(base);
    await page.getByLabel('Name of the candidate').fill('Browser Test');
    await page.getByLabel('Position').fill('Backend Engineer');
    for (const box of await page.getByRole('checkbox').all()) {
      await box.check();
    }
    await shoot(page, 'start');
    await page.getByRole('button', { name: 'Start the interview' }).click();
    await page.waitForURL('**/capture**');
  }
  result.session = new URL(page.url()).searchParams.get('session');
}

/** Unchecks a consent and waits until the gateway has stored it. */
async function withdraw(page) {
  await page.locator(`#${options.withdraw}:checked`).uncheck();
  await page.locator('#consent-note', { hasText: /^Stored/ }).waitFor();
  result.withdrawn = await page.evaluate(() => document.getElementById('says-outputs').textContent);
  await shoot(page, 'capture-consents');
}

/** Answers the question on the page and waits until the next one, or the end, is there. */
async function answer(page, index) {
  const number = page.locator('#number');
  await number.filter({ hasText: `Question ${index + 1} ` }).waitFor();
  const kind = (await page.locator('#spoken').isVisible()) ? 'spoken' : 'typed';
  result.questions.push({ index, kind, text: await page.locator('#text').textContent() });
  if (kind === 'spoken') {
    await page.locator('#record').click();
    const from = Date.now();
    await page.waitForTimeout(Number(options['speak-seconds']) * 500);
    if (options.reconnect && !result.reconnected) {
      await page.evaluate(() => globalThis.captureSession.socket.close());
      await page.locator('#connection.waiting, #connection.connecting').first().waitFor();
      await page.locator('#connection.open').waitFor();
      result.reconnected = true;
    }
    await page.waitForTimeout(Number(options['speak-seconds']) * 500);
    await shoot(page, `capture-spoken-${index}`);
    await page.locator('#finish').click();
    result.spokenSeconds += (Date.now() - from) / 1000;
  } else {
    await page.locator('#answer').fill(options.typed);
    await shoot(page, `capture-typed-${index}`);
    await page.getByRole('button', { name: 'Send the answer' }).click();
  }
  await page.locator('#done:visible').or(number.filter({ hasText: `Question ${index + 2} ` })).first().waitFor();
}

/** Plays what the report has of the answers' sound: how long each is for the player, and how far it came. */
async function listen(page) {
  await page.goto(`${base}/report.html?session=${result.session}`);
  await page.locator('#all:not([hidden])').waitFor();
  const heard = [];
  const buttons = page.locator('#answers button.listen');
  for (let left = await buttons.count(); left > 0; left--) {
    await buttons.first().click();
    await page.locator('#answers audio').nth(heard.length).waitFor();
    heard.push(null);
  }
  heard.length = 0;
  for (const player of await page.locator('#answers audio').all()) {
    heard.push(await player.evaluate(async (audio) => {
      await audio.play();
      await new Promise((done, failed) => {
        audio.onended = done;
        audio.onerror = () => failed(new Error(`the player: ${audio.error.message}`));
        audio.currentTime = Math.max(0, audio.duration - 1);
      });
      return { question: Number(audio.closest('.entry').dataset.question), seconds: audio.duration, played: audio.currentTime };
    }));
  }
  return heard;
}

function watch(page, name) {
  page.on('pageerror', (error) => result.errors.push(`${name}: ${error.stack ?? error}`));
  page.on('console', (message) => {
    if (message.type() === 'error') {
      result.errors.push(`${name}: ${message.text()}`);
    }
  });
  return page;
}

async function shoot(page, name) {
  const path = join(options.out, `${name}.png`);
  await page.screenshot({ path, fullPage: true });
  result.screenshots.push(path);
}
