// The page where an officer signs: shows nothing of its own, opens the key file, signs the server's bytes, sends the signature.
// Page: <script type="application/json" id="signing">{request_id, document_base64}</script> and
// <form id="sign" data-submit="URL"> with one file input, one password input and one submit button.
import { alertBox, make } from './dom.js';
import { island, postJson } from './server.js';

const page = document.getElementById('sign');
const file = page.querySelector('input[type=file]');
const password = page.querySelector('input[type=password]');
const button = page.querySelector('button:not([type=button])');
const alert = alertBox(page);
const status = page.appendChild(make('p', { class: 'muted', role: 'status' }));
const request = island('signing');

page.addEventListener('submit', event => { event.preventDefault(); sign(); });
addEventListener('pageshow', event => { if (event.persisted) working(''); });
document.body.dataset.ready = 'sign';

async function sign() {
  if (!file.files.length) return refuse('Choose your key file first.', file);
  alert.clear();
  working('Opening your key…');
  try {
    const reply = await postJson(page.dataset.submit, { request_id: request.request_id, signature: await signature() });
    password.value = '';
    location.assign(reply.redirect);
  } catch (problem) {
    if (!problem.reason && problem.status === undefined) console.error(problem);   // neither the key file nor the server refused: ours
    refuse(problem.message, problem.reason === 'wrongPassword' ? password : null);
  }
}

async function signature() {
  const [{ openP12 }, { signDetached }] = await Promise.all([import('./p12.js'), import('./cades.js')]);
  const identity = await openP12(await file.files[0].arrayBuffer(), password.value);
  working(`Signing as ${identity.name}…`);
  return base64(await signDetached(bytesOf(request.document_base64), identity));
}

function working(text) {
  status.textContent = text;
  button.disabled = Boolean(text);
  button.setAttribute('aria-busy', String(button.disabled));
}

function refuse(message, input) {
  working('');
  alert.say('err', make('p', {}, message));
  if (input) input.focus();
}

const bytesOf = text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0)).buffer;
const base64 = buffer => btoa(Array.from(new Uint8Array(buffer), byte => String.fromCharCode(byte)).join(''));
