// Opens the report of a stored interview in a real headless Chromium: desktop, phone, dark, and as it prints.
//
//   node browser/report.mjs BASE_URL SESSION --out FOLDER [--chromium PATH]
//
// Prints one JSON object with what the page shows; exits 0 only when no page reported an error. Needs `npm ci` in tests/js.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { out: { type: 'string' }, chromium: { type: 'string', default: '/usr/bin/chromium' } },
});
const [base, session] = positionals;
if (!base || !session || !options.out) {
  process.stderr.write('usage: node browser/report.mjs BASE_URL SESSION --out FOLDER\n');
  process.exit(2);
}
const result = { ok: false, shown: null, phone: null, list: null, live: null, unknown: null, printedPages: 0, errors: [] };

await mkdir(options.out, { recursive: true });
const browser = await chromium.launch({ executablePath: options.chromium, headless: true, args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'] });
const context = await browser.newContext({ viewport: { width: 1180, height: 900 } });
context.setDefaultTimeout(30_000);

try {
  const page = watch(await context.newPage(), 'report');
  await page.goto(`${base}/report.html?session=${session}`);
  await page.locator('#all:not([hidden])').waitFor();
  await page.locator('#timeline-note', { hasText: 'frames analysed' }).waitFor();
  result.shown = await page.evaluate(() => ({
    title: document.title,
    windows: document.querySelectorAll('#chart svg g.window').length,
    questions: document.querySelectorAll('#chart svg g.mark-question').length,
    described: document.querySelector('#chart svg desc').textContent,
    rows: document.querySelectorAll('#windows tr').length,
    answers: document.querySelectorAll('#answers .entry').length,
    scores: document.querySelectorAll('#answers .score').length,
    overall: document.querySelector('#scores .overall strong').textContent,
    notes: [...document.querySelectorAll('#notes li')].map((e) => e.textContent),
    versions: [...document.querySelectorAll('#versions tr')].map((e) => [...e.children].map((c) => c.textContent)),
    review: document.getElementById('review').textContent,
    links: [...document.querySelectorAll('nav a')].map((a) => a.getAttribute('href')),
    unnamed: [...document.querySelectorAll('a, button, [role=meter], section, svg[role=img]')]
      .filter((e) => !(e.getAttribute('aria-label') || e.getAttribute('aria-labelledby') || e.textContent.trim())).map((e) => e.outerHTML),
  }));
  await shoot(page, 'report');

  // by keyboard alone: the table that stands for the chart
  await page.locator('summary').focus();
  await page.keyboard.press('Enter');
  await page.locator('#windows tr').first().waitFor({ state: 'visible' });
  await page.emulateMedia({ colorScheme: 'dark' });
  await shoot(page, 'report-dark-table');

  await page.setViewportSize({ width: 390, height: 844 });
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  result.phone = await page.evaluate(() => ({ scrollsSideways: document.documentElement.scrollWidth > document.documentElement.clientWidth }));
  await page.emulateMedia({ colorScheme: 'light' });
  await shoot(page, 'report-phone');

  await page.setViewportSize({ width: 1180, height: 900 });
  const printed = await page.pdf({ path: join(options.out, 'report-printed.pdf'), format: 'A4', printBackground: true });
  result.printedPages = (printed.toString('latin1').match(/\/Type\s*\/Page\b/g) ?? []).length;

  const list = watch(await context.newPage(), 'list');
  await list.goto(base);
  await list.locator(`a[href="/report.html?session=${session}"]`).waitFor();
  result.list = true;
  await list.goto(`${base}/live/${session}`);
  await list.locator('#report a', { hasText: 'whole report' }).waitFor();
  result.live = true;

  const unknown = await context.newPage(); // its 404 is on the console by right
  await unknown.goto(`${base}/report.html?session=nobody`);
  await unknown.locator('#problem:not([hidden])').waitFor();
  result.unknown = await unknown.locator('#problem').textContent();
  result.ok = result.errors.length === 0;
} catch (error) {
  result.errors.push(String(error.stack ?? error));
} finally {
  await browser.close();
}
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exitCode = result.ok ? 0 : 1;

function watch(page, name) {
  page.on('pageerror', (error) => result.errors.push(`${name}: ${error}`));
  page.on('console', (message) => message.type() === 'error' && result.errors.push(`${name}: ${message.text()}`));
  page.on('requestfailed', (request) => result.errors.push(`${name}: ${request.url()} ${request.failure()?.errorText}`));
  return page;
}

async function shoot(page, name) {
  await page.screenshot({ path: join(options.out, `${name}.png`), fullPage: true });
}
