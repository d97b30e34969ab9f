// The page where an analyst draws: opens a diagram in the modeler of its dialect, keeps local copies, deploys, shows what the server found.
// Page: <div id="modeler" data-xml="URL" data-templates="URL" data-deploy="URL" data-process="key" data-name="file.bpmn" data-dialect="zeebe">;
// without data-xml a new diagram of data-dialect is begun.
import './modeler.css';
import { dialectOf, emptyDiagram } from './dialect.js';
import { debounced, make } from './dom.js';
import { openModeler } from './modeler-canvas.js';
import { problemList } from './modeler-problems.js';
import { getJson, getText, post } from './server.js';
import { fit } from './viewport.js';

const AUTOSAVE_AFTER = 1000;   // milliseconds without a change
const host = document.getElementById('modeler');
const { xml: source, templates: templateSource, deploy: target, process: key = 'Process_1', name = `${key}.bpmn`, dialect = 'zeebe' } = host.dataset;
const copy = localCopy(`ratchet:modeler:${key}`);
const status = make('p', { class: 'muted', role: 'status' });
const canvas = make('div', { class: 'modeler-canvas' });
const panel = make('div', { class: 'modeler-panel', role: 'region', 'aria-label': 'Properties', tabindex: 0 });
const notice = make('div', { class: 'alert', role: 'alert', tabindex: -1 });
const buttons = { deploy: button('Deploy', 'primary', deploy), download: button('Download XML', '', download) };
let changed = false, deciding = false, modeler;

host.append(make('div', { class: 'toolbar' }, ...(target ? [buttons.deploy] : []), buttons.download, status), notice,
  make('div', { class: 'modeler-body' }, canvas, panel));
try {
  const xml = source ? await getText(source) : emptyDiagram(dialect, key);
  const templates = templateSource ? await getJson(templateSource) : [];
  modeler = await openModeler(canvas, panel, source ? dialectOf(xml) : dialect, templates);
  await open(xml);
  offerCopy(xml);
  watch();
} catch (problem) {
  notice.className = 'alert err';
  notice.replaceChildren(`This diagram cannot be opened. ${problem.message}`);
}
document.body.dataset.ready = 'modeler';

async function open(xml) {
  const { warnings } = await modeler.importXML(xml);
  const palette = canvas.querySelector('.djs-palette');
  fit(modeler.get('canvas'), palette.offsetLeft + palette.offsetWidth);
  changed = false;
  if (warnings.length) problems().show('warn', 'The file opened, but not all of it was understood:', warnings);
}

function watch() {
  const autosave = debounced(async () => { if (!deciding) status.textContent = copy.keep(await content()); }, AUTOSAVE_AFTER);
  modeler.on('commandStack.changed', () => { changed = true; autosave.later(); });
  addEventListener('beforeunload', event => { if (changed) event.preventDefault(); });
  addEventListener('keydown', event => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 's') return;
    event.preventDefault();   // the browser would save the page, which nobody wants here
    autosave.later();
    autosave.now();
  });
}

async function content() { return (await modeler.saveXML({ format: true })).xml; }

function problems() { return problemList(notice, modeler, name); }

async function deploy() {
  buttons.deploy.disabled = true;
  status.textContent = 'Deploying…';
  try {
    const reply = await post(target, await content(), { type: 'application/xml', headers: { 'X-File-Name': encodeURIComponent(name) } });
    changed = false;
    copy.drop();
    status.textContent = '';
    problems().show('ok', reply.changed === false ? `Nothing has changed since version ${reply.version}.` : `Deployed as version ${reply.version}.`, reply.problems ?? []);
  } catch (refusal) {
    status.textContent = 'Not deployed.';
    problems().show('err', refusal.message, refusal.reply?.problems ?? []);
  } finally {
    buttons.deploy.disabled = false;
  }
}

async function download() {
  const link = make('a', { href: URL.createObjectURL(new Blob([await content()], { type: 'application/xml' })), download: name });
  link.click();
  URL.revokeObjectURL(link.href);
}

/** A copy that this browser kept and nobody deployed is offered, never taken unasked. */
function offerCopy(xml) {
  const kept = copy.read();
  if (!kept || kept.xml === xml) return;
  deciding = true;   // until then the copy is not overwritten
  const decided = action => async () => { deciding = false; notice.replaceChildren(); await action(); };
  notice.className = 'alert info';
  notice.replaceChildren(make('p', {}, `This browser holds changes of ${new Date(kept.at).toLocaleString()} that were not deployed.`),
    make('div', { class: 'row' }, button('Continue with them', 'primary', decided(async () => { await open(kept.xml); changed = true; })),
      button('Discard them', '', decided(copy.drop))));
}

function localCopy(name) {
  return {
    read() {
      const text = localStorage.getItem(name);
      return text && JSON.parse(text);
    },
    keep(xml) {
      try {
        localStorage.setItem(name, JSON.stringify({ xml, at: Date.now() }));
        return 'Kept in this browser, not deployed yet.';
      } catch {   // the browser's space is full or switched off
        return 'This browser keeps no copy: deploy or download before you leave.';
      }
    },
    drop: () => localStorage.removeItem(name),
  };
}

function button(text, kind, onclick) {
  return make('button', { type: 'button', class: `btn ${kind}`, onclick }, text);
}
