// The page that shows a form: form-js draws it, the server has the last word, drafts are kept while one types.
// Page: <script type="application/json" id="form-data">{schema, data, errors, readonly}</script>,
// <div id="form" data-submit="URL" data-draft="URL">, a button [data-form-submit] or a <form> around them.
import './form.css';
import { Form } from '@bpmn-io/form-js-viewer';
import { alertBox, debounced, make } from './dom.js';
import { fieldErrors, placeErrors, showErrors } from './form-errors.js';
import { island, postJson } from './server.js';

const DRAFT_AFTER = 2000;   // milliseconds without a keystroke
const INVALID = 'The form is not complete yet:';

const host = document.getElementById('form');
const given = island('form-data');
const buttons = [...document.querySelectorAll('[data-form-submit], #submit')];
const alert = alertBox(host.parentElement);
let busy = false;
const form = new Form({ container: host });

await form.importSchema(given.schema, given.data ?? {});
if (given.readonly) form.setProperty('readOnly', true);
else enable();
document.body.dataset.ready = 'form';

function enable() {
  const draft = host.dataset.draft ? drafts(host.dataset.draft) : null;
  form.on('submit', ({ data, errors }) => submit(data, errors, draft));
  for (const button of buttons) button.addEventListener('click', event => { event.preventDefault(); form.submit(); });
  host.closest('form')?.addEventListener('submit', event => {
    if (event.defaultPrevented) return;   // form-js's own inner form
    event.preventDefault();
    form.submit();
  });
  addEventListener('pageshow', event => { if (event.persisted) working(false); });
  if (Object.keys(given.errors ?? {}).length) requestAnimationFrame(() => refuse(INVALID, given.errors));
}

async function submit(data, errors, draft) {
  if (busy) return;
  if (Object.keys(errors).length) return showErrors(alert, form, INVALID, fieldErrors(form));
  alert.clear();
  working(true);
  await draft?.settle();
  try {
    const reply = await postJson(host.dataset.submit, { data });
    draft?.forget();
    location.assign(reply.redirect);
  } catch (refusal) {
    working(false);
    refuse(refusal.message, refusal.reply?.errors ?? {});
  }
}

function refuse(message, errors) {
  placeErrors(form, errors);
  showErrors(alert, form, message, errors);
}

function working(on) {
  busy = on;
  for (const button of buttons) {
    button.disabled = on;
    button.setAttribute('aria-busy', String(on));
  }
}

/** Keeps drafts: `settle()` waits for the one on its way, `forget()` ends it. */
function drafts(url) {
  const status = document.querySelector('[data-draft-status]') ?? host.parentElement.appendChild(make('p', { class: 'muted', 'data-draft-status': true }));
  status.setAttribute('role', 'status');
  const content = () => JSON.stringify(form._getSubmitData());
  let kept = content(), sending = Promise.resolve(), over = false;

  const send = async keepalive => {
    const now = content();
    if (over || now === kept) return;
    try {
      await postJson(url, { data: JSON.parse(now) }, { keepalive });
      kept = now;
      status.textContent = `Draft saved ${new Date().toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })}`;
    } catch (refusal) {
      status.textContent = `Draft not saved. ${refusal.message}`;
    }
  };
  const typing = debounced(() => { sending = send(false); }, DRAFT_AFTER);
  form.on('changed', () => { if (!over && content() !== kept) typing.later(); });
  document.addEventListener('visibilitychange', () => { if (document.hidden && !over) { typing.drop(); sending = send(true); } });
  return { settle: () => { typing.drop(); return sending; }, forget: () => { over = true; } };
}
