import { byId, el } from './dom.js';

const REFRESH_MS = 5_000;
const CONSENTS = ['videoEmotion', 'facePresence', 'blink', 'audioTranscription', 'recording'];

async function refresh() {
  try {
    const response = await fetch('/api/sessions?limit=100');
    if (response.ok) {
      show(await response.json());
    }
  } catch {
    // the gateway is away: the list stays, the next round asks again
  }
  setTimeout(refresh, REFRESH_MS);
}

async function refreshHealth() {
  try {
    const response = await fetch('/health');
    showHealth((await response.json()).sources);
  } catch {
    showHealth([{ name: 'gateway', healthy: false, detail: 'it does not answer' }]);
  }
  setTimeout(refreshHealth, REFRESH_MS);
}

function showHealth(sources) {
  const down = sources.filter((s) => !s.healthy);
  byId('health').hidden = down.length === 0;
  byId('health').textContent = `Not everything works. ${down.map((s) => `${s.name}: ${s.detail}`).join('; ')}. What is acknowledged is safe and is stored when it works again.`;
}

function show(sessions) {
  byId('no-sessions').hidden = sessions.length > 0;
  byId('sessions').replaceChildren(...sessions.map((s) => el('tr', {},
    el('td', {}, el('strong', {}, s.candidateName), s.position ? el('div', { class: 'small muted' }, s.position) : null),
    el('td', {}, el('span', { class: `badge ${s.status}` }, s.status)),
    el('td', {}, `${Math.min(s.questionIndex, s.questionCount)} of ${s.questionCount}`),
    el('td', { class: 'small' }, new Date(s.createdAtMs).toLocaleString()),
    el('td', { class: 'links' }, el('a', { href: `/live/${encodeURIComponent(s.sessionId)}`, 'aria-label': `Follow the interview of ${s.candidateName}` }, s.status === 'completed' ? 'Results' : 'Follow'),
      ...(s.status === 'completed' || s.status === 'expired' ? [' · ', el('a', { href: `/report.html?session=${encodeURIComponent(s.sessionId)}`, 'aria-label': `Report of ${s.candidateName}` }, 'Report')] : [])))));
}

byId('form').addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  const submit = event.target.querySelector('button');
  submit.disabled = true;
  byId('problem').hidden = true;
  try {
    const response = await fetch('/api/sessions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        candidateName: form.get('candidateName'),
        position: form.get('position') || null,
        resumeSummary: form.get('resumeSummary') || null,
        jurisdiction: form.get('jurisdiction'),
        consents: Object.fromEntries(CONSENTS.map((name) => [name, form.has(name)])),
      }),
    });
    const body = await response.json();
    if (!response.ok) {
      throw new Error(body.detail ?? body.title);
    }
    location.href = body.captureUrl;
  } catch (error) {
    byId('problem').textContent = `The interview could not be started: ${error.message}`;
    byId('problem').hidden = false;
    submit.disabled = false;
  }
});

refresh();
refreshHealth();
