// Encodes recordings by the capture page's own Opus module in a real headless Chromium (WebCodecs needs an encoder that Node.js lacks).
//
//   node browser/opus.mjs FOLDER [--chromium PATH]
//
// FOLDER holds NAME.pcm files of PCM16 little-endian mono 16 kHz. They are fed as the page feeds its microphone, in pieces of 250 ms. Prints one JSON object:
// { supported, clips: { NAME: [{ opus, last, atMs, data: BASE64 }] } }, the messages that the page would send.
import { createServer } from 'node:http';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';

const { values: options, positionals } = parseArgs({ allowPositionals: true, options: { chromium: { type: 'string', default: '/usr/bin/chromium' } } });
const module = new URL('../../../services/Gateway/client/opus-encoder.js', import.meta.url);
const server = createServer(async ({ url }, response) => {
  const script = url === '/opus-encoder.js';
  response.setHeader('content-type', script ? 'text/javascript' : 'text/html').end(script ? await readFile(module) : '<!doctype html>');
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const browser = await chromium.launch({ executablePath: options.chromium, headless: true, args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'] });
try {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  const supported = await page.evaluate(async () => (await import('/opus-encoder.js')).encodesOpus());
  const clips = {};
  for (const file of supported ? (await readdir(positionals[0])).filter((name) => name.endsWith('.pcm')) : []) {
    clips[file.slice(0, -4)] = await page.evaluate(encode, (await readFile(join(positionals[0], file))).toString('base64'));
  }
  process.stdout.write(`${JSON.stringify({ supported, clips })}\n`);
} finally {
  await browser.close();
  server.close();
}

async function encode(base64) {
  const { OpusAnswer } = await import('/opus-encoder.js');
  const pcm = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const sent = [];
  const answer = new OpusAnswer((payload, atMs, last, opus) => sent.push({ opus, last, atMs, data: btoa(String.fromCharCode(...payload)) }));
  const bytes = 8_000;
  for (let at = 0; at < pcm.length; at += bytes) {
    await answer.push(pcm.slice(at, at + bytes), at / 32, at + bytes >= pcm.length);
  }
  return sent;
}
