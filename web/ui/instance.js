// The page of one instance: its diagram with tokens, incidents, taken flows and counts, tied to the rows of the activity table.
// Page: <div id="instance" class="diagram" data-xml="URL" data-state="URL" data-label="…">, rows <tr data-element="id">.
import './instance.css';
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import { alertBox, make } from './dom.js';
import { getJson, getText } from './server.js';
import { fit } from './viewport.js';

const host = document.getElementById('instance');
const viewer = new NavigatedViewer({ container: host });
const canvas = viewer.get('canvas'), overlays = viewer.get('overlays'), elements = viewer.get('elementRegistry');
const NOTHING = { tokens: {}, incidents: [], taken: [], counts: {} };

try {
  const [xml, state] = await Promise.all([getText(host.dataset.xml), host.dataset.state ? getJson(host.dataset.state) : NOTHING]);
  await viewer.importXML(xml);
  draw(state);
  describe(state);
  tools(Object.keys(state.counts).length > 0);
  rows();
  fit(canvas);
} catch (problem) {
  if (/no diagram/i.test(problem.message)) host.replaceWith(make('p', {}, 'This model has no drawing.'));
  else alertBox(host.parentElement).say('err', `The diagram cannot be shown. ${problem.message}`);
}
document.body.dataset.ready = 'instance';

function draw({ tokens, incidents, taken, counts }) {
  const most = Math.max(1, ...Object.values(counts));
  const broken = byElement(incidents);
  for (const [id, n] of known(Object.entries(counts))) heat(id, n, most);
  for (const [id] of known(taken.map(id => [id]))) canvas.addMarker(id, 'taken');
  for (const [id, n] of known(Object.entries(tokens))) mark(id, 'active', tag('token', n, `${n} waiting here`), { top: -12, left: -12 });
  for (const [id, found] of known(Object.entries(broken))) mark(id, 'incident', tag('broken', `! ${found.length}`, found.map(each => each.message).join('\n')), { top: -12, right: 24 });
}

// an element of another version or of a called process is in the table, not in this diagram
function known(entries) { return entries.filter(([id]) => elements.get(id)); }

function tag(kind, text, title) { return make('span', { class: `diagram-tag ${kind}`, title }, String(text)); }

function byElement(incidents) {
  const found = {};
  for (const each of incidents) (found[each.element_id] ??= []).push(each);
  return found;
}

function heat(id, n, most) {
  elements.getGraphics(id).style.setProperty('--heat', `hsl(${45 - 40 * n / most} 100% ${96 - 22 * n / most}%)`);
  for (const marker of ['heat', 'plain']) canvas.addMarker(id, marker);
  const { waypoints, height } = elements.get(id);
  const position = height < 60 ? { top: -12, right: 12 } : { bottom: 10, right: 14 };   // below a small shape stands its label
  if (!waypoints) overlays.add(id, 'count', { position, html: tag('count', n, `${n} times`) });
}

function mark(id, marker, html, position) {
  canvas.addMarker(id, marker);
  overlays.add(id, marker, { position, html });
}

function describe({ tokens, incidents }) {
  const at = (what, ids) => ids.length ? `${what} ${ids.map(id => elements.get(id)?.businessObject.name || id).join(', ')}` : '';
  const parts = [host.dataset.label ?? 'Process diagram', at('waiting at', Object.keys(tokens)), at('incidents at', Object.keys(byElement(incidents)))];
  const svg = host.querySelector('svg');
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', parts.filter(Boolean).join('; '));
}

function tools(heatable) {
  const zoom = step => () => viewer.get('zoomScroll').stepZoom(step);
  const button = (label, text, onclick) => make('button', { type: 'button', 'aria-label': label, title: label, onclick }, text);
  const box = make('div', { class: 'diagram-tools' }, button('Zoom in', '+', zoom(1)), button('Zoom out', '−', zoom(-1)), button('Show all', '⤢', () => fit(canvas)));
  if (heatable) box.prepend(make('button', { type: 'button', 'aria-pressed': 'false', title: 'Colour elements by how often they ran', onclick: toggleHeat }, 'Heat'));
  host.append(box);
}

function toggleHeat({ currentTarget }) {
  const on = currentTarget.getAttribute('aria-pressed') !== 'true';
  currentTarget.setAttribute('aria-pressed', String(on));
  for (const { id } of elements.filter(element => canvas.hasMarker(element, 'heat'))) canvas[on ? 'removeMarker' : 'addMarker'](id, 'plain');
}

/** A click on an element shows its rows; a row that is pointed at, or has the focus inside, shows its element. */
function rows() {
  const rowsOf = id => document.querySelectorAll(`[data-element="${CSS.escape(id)}"]`);
  const choose = id => {
    for (const row of document.querySelectorAll('[data-element].chosen')) row.classList.remove('chosen');
    for (const element of elements.filter(each => canvas.hasMarker(each, 'chosen'))) canvas.removeMarker(element, 'chosen');
    for (const row of rowsOf(id)) row.classList.add('chosen');
    if (elements.get(id)) canvas.addMarker(id, 'chosen');
  };
  viewer.on('element.click', ({ element }) => {
    choose(element.id);
    rowsOf(element.id)[0]?.scrollIntoView({ block: 'nearest', behavior: 'smooth' });
  });
  for (const row of document.querySelectorAll('[data-element]')) {
    for (const kind of ['mouseenter', 'focusin']) row.addEventListener(kind, () => choose(row.dataset.element));
  }
}
