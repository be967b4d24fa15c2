// The capture page in a real headless Chromium: a question is read aloud, a follow-up comes in between, the text is there in any case.
//
//   node browser/read-aloud.mjs PAGE_URL --out FOLDER [--chromium PATH]
//
// PAGE_URL is the captureUrl of a session of typed questions, token included. Prints one JSON object; exits 0 when no page reported an error.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { out: { type: 'string' }, chromium: { type: 'string', default: '/usr/bin/chromium' } },
});
const result = { questions: [], speech: [], errors: [] };
await mkdir(options.out, { recursive: true });
const browser = await chromium.launch({
  executablePath: options.chromium,
  headless: true,
  args: [
    '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
    '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', '--autoplay-policy=no-user-gesture-required',
  ],
});
try {
  const page = await browser.newPage({ permissions: ['camera', 'microphone'], viewport: { width: 1180, height: 820 } });
  page.setDefaultTimeout(30_000);
  page.on('pageerror', (error) => result.errors.push(String(error.stack ?? error)));
  page.on('console', (message) => message.type() === 'error' && result.errors.push(message.text()));
  page.on('response', (response) => response.url().endsWith('/speech') && result.speech.push(response.status()));
  await page.goto(positionals[0]);
  await page.locator('#allow').click();
  await page.locator('#start:enabled').click();
  await page.locator('#listen', { hasText: 'Stop reading' }).waitFor();
  await page.screenshot({ path: join(options.out, 'read-aloud.png'), fullPage: true });
  await page.locator('#listen').click();
  await page.locator('#listen', { hasText: 'Read aloud' }).waitFor();
  for (let index = 0; !(await page.locator('#done').isVisible()); index++) {
    result.questions.push({ number: await page.locator('#number').textContent(), text: await page.locator('#text').textContent() });
    await page.locator('#answer').fill('A key that the client chooses is stored with the response of the first request, so that a repeated one gets the same.');
    await page.getByRole('button', { name: 'Send the answer' }).click();
    await page.locator('#done:visible').or(page.locator('#number', { hasText: `uestion ${index + 2} ` })).first().waitFor();
    if (index === 0) {
      await page.screenshot({ path: join(options.out, 'follow-up.png'), fullPage: true });
    }
  }
} catch (error) {
  result.errors.push(String(error.stack ?? error));
} finally {
  await browser.close();
}
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exitCode = result.errors.length === 0 ? 0 : 1;
