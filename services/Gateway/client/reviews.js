// The reviewer's page: what waits for a person, and what was decided.
import { byId, el, percent } from './dom.js';

const REFRESH_MS = 10_000;

let state = 'open';
let writing = 0; // forms with something in them: the list is not drawn anew under a person's hands

async function refresh() {
  clearTimeout(refresh.timer);
  if (writing === 0) {
    try {
      const response = await fetch(`/api/reviews?state=${state}&limit=100`);
      const body = await response.json();
      if (!response.ok) {
        throw new Error(body.detail ?? body.title);
      }
      byId('problem').hidden = true;
      show(body);
    } catch (error) {
      tell(`The queue could not be read: ${error.message}`);
    }
  }
  refresh.timer = setTimeout(refresh, REFRESH_MS);
}

function tell(text) {
  byId('problem').textContent = text;
  byId('problem').hidden = false;
}

function show(rows) {
  byId('nothing').hidden = rows.length > 0;
  byId('rows').replaceChildren(...rows.map(draw));
}

function draw(row) {
  const heard = row.confidence < 1 ? `recognised with confidence ${percent(row.confidence)}` : 'typed';
  return el('article', { class: 'card', 'data-answer': row.answerId },
    el('div', { class: 'row' },
      el('h2', { style: 'margin:0' }, `${row.candidateName || row.sessionId} · question ${row.questionIndex + 1}`),
      el('span', { class: `badge end ${row.state === 'open' ? 'warn' : 'good'}` }, row.state)),
    el('p', { class: 'small muted', style: 'margin:.1rem 0 .6rem' }, [row.position, new Date(row.scoredAtMs).toLocaleString()].filter(Boolean).join(' · '), ' · ',
      el('a', { href: `/live/${encodeURIComponent(row.sessionId)}` }, 'whole interview')),
    el('p', {}, el('strong', {}, row.questionText)),
    el('p', { class: 'answer' }, row.answerText || 'No words.'),
    el('p', { class: 'small muted' }, heard),
    el('div', { class: 'bars', style: 'max-width:34rem' }, ...bar('Technical', row.technical), ...bar('Communication', row.communication)),
    el('p', { class: 'small' }, row.feedback),
    el('p', { class: 'small muted' }, [row.engine, row.model, row.promptVersion && `prompt ${row.promptVersion}`, `revision ${row.revision}`].filter(Boolean).join(' · '), ' ',
      ...row.flags.map((flag) => el('span', { class: 'badge bad', style: 'margin-right:.3rem' }, flag))),
    row.state === 'open' ? el('p', { class: 'message info small' }, row.reviewReason) : null,
    row.state === 'open' ? form(row) : decision(row));
}

function bar(name, value) {
  return [el('span', {}, name), el('span', { class: 'meter' }, el('i', { style: `width:${Math.max(0, Math.min(100, value))}%` })), el('b', {}, value.toFixed(0))];
}

function decision(row) {
  return el('p', { class: 'message info small' },
    `${row.reviewer}, ${new Date(row.decidedAtMs).toLocaleString()}: ${row.decision} (before: ${row.previousTechnical.toFixed(0)} and ${row.previousCommunication.toFixed(0)})`);
}

function form(row) {
  const number = (name, value) => el('input', { type: 'number', name, min: '0', max: '100', step: '1', value: value.toFixed(0), required: true, class: 'number' });
  const technical = number('technical', row.technical);
  const communication = number('communication', row.communication);
  const reason = el('input', { type: 'text', name: 'reason', minlength: '5', maxlength: '2000', required: true, placeholder: 'e.g. names the transaction, misses fencing' });
  const submit = el('button', { type: 'submit' }, 'Decide');
  const element = el('form', { class: 'row', style: 'align-items:end' },
    el('label', { class: 'field' }, 'Technical', technical), el('label', { class: 'field' }, 'Communication', communication),
    el('label', { class: 'field', style: 'flex:1 1 16rem' }, 'Why', reason), el('span', { class: 'field', style: 'margin-bottom:.85rem' }, submit));
  let touched = false;
  element.addEventListener('input', () => {
    writing += touched ? 0 : 1;
    touched = true;
  });
  element.addEventListener('submit', async (event) => {
    event.preventDefault();
    submit.disabled = true;
    if (await decide(row, { technical: technical.valueAsNumber, communication: communication.valueAsNumber, reason: reason.value })) {
      writing -= touched ? 1 : 0;
      element.closest('article').remove();
      byId('nothing').hidden = byId('rows').children.length > 0;
    }
    submit.disabled = false;
  });
  return element;
}

async function decide(row, decided) {
  const reviewer = byId('reviewer').value.trim();
  if (!reviewer) {
    tell('Say who decides: your name is stored with the decision.');
    byId('reviewer').focus();
    return false;
  }
  localStorage.setItem('reviewer', reviewer);
  const path = row.answerId.split('/').map(encodeURIComponent).join('/');
  try {
    const response = await fetch(`/api/reviews/${path}`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ ...decided, reviewer, revision: row.revision }),
    });
    if (!response.ok) {
      const problem = await response.json();
      throw new Error(problem.detail ?? problem.title);
    }
    byId('problem').hidden = true;
    return true;
  } catch (error) {
    tell(`The decision was not taken: ${error.message}`);
    return false;
  }
}

function choose(wanted) {
  state = wanted;
  writing = 0;
  byId('open').setAttribute('aria-pressed', String(wanted === 'open'));
  byId('decided').setAttribute('aria-pressed', String(wanted === 'decided'));
  refresh();
}

byId('reviewer').value = localStorage.getItem('reviewer') ?? '';
byId('open').addEventListener('click', () => choose('open'));
byId('decided').addEventListener('click', () => choose('decided'));
refresh();
