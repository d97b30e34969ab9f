// The only place where a page of ours talks to our server: the forgery token, JSON both ways, refusals in plain words.

const SILENT = 'The server did not answer. Check your connection and try again; what you entered is still here.';
const LOGGED_OUT = 'Your session has ended. Log in again in another tab, then try once more here.';

/** What the server (or the way to it) refused. `reply` is the parsed JSON body, `{}` when there was none. */
export class Refusal extends Error {
  constructor(message, status = 0, reply = {}) {
    super(message);
    Object.assign(this, { name: 'Refusal', status, reply });
  }
}

/** The JSON of a `<script type="application/json">` island. */
export const island = id => JSON.parse(document.getElementById(id).textContent);

export const postJson = (url, value, options = {}) =>
  post(url, JSON.stringify(value), { ...options, type: 'application/json' });

/** Posts `body` and gives the parsed answer (`{}` when it is empty); throws a Refusal for everything else. */
export async function post(url, body, { type, headers = {}, keepalive = false }) {
  const reply = await reach(url, {
    method: 'POST', body, keepalive, credentials: 'same-origin',
    headers: { 'Content-Type': type, Accept: 'application/json', 'X-CSRFToken': forgeryToken(), ...headers },
  });
  const answer = await parsed(reply);
  if (reply.ok && answer) return answer;
  throw refusal(reply, answer ?? {});
}

export async function getText(url) {
  const reply = await reach(url, { credentials: 'same-origin' });
  if (!reply.ok || lostSession(reply)) throw refusal(reply, {});
  return reply.text();
}

export const getJson = async url => JSON.parse(await getText(url));

async function reach(url, request) {
  try {
    return await fetch(url, request);
  } catch (cause) {
    throw new Refusal(SILENT, 0, { cause: String(cause) });
  }
}

async function parsed(reply) {
  if (reply.status === 204) return {};
  const json = reply.headers.get('Content-Type')?.includes('json');
  return json ? reply.json() : null;   // a page instead of JSON is no answer
}

function refusal(reply, answer) {
  return new Refusal(answer.message ?? plainWords(reply), reply.status, answer);
}

function plainWords(reply) {
  if (reply.status === 401 || reply.status === 400 || lostSession(reply)) return LOGGED_OUT;
  if (reply.status === 413) return 'This is more than the server takes at once.';
  if (reply.status === 429) return 'Too many requests in a short time. Wait a minute and try again.';
  return `The server could not do this (${reply.status}). Try again; if it stays, tell your administrator.`;
}

// who is logged out is sent to the login page, which arrives as a success
const lostSession = reply => reply.redirected && new URL(reply.url).pathname.includes('login');

function forgeryToken() {
  return document.querySelector('meta[name=csrf-token]')?.content
    ?? document.querySelector('input[name=csrf_token]')?.value ?? '';
}
