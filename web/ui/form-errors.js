// The only place that knows where form-js keeps the errors of its fields, rows of lists included.
import { make } from './dom.js';

const instances = form => form.get('formFieldInstanceRegistry').getAllKeyed();
const pathOf = instance => instance.valuePath.join('.');
const plain = path => path.replace(/\[(\d+)\]/g, '.$1');
const place = instance => [instance.id, ...Object.values(instance.indexes ?? {})];

/** What form-js itself found: {path: [text]}. */
export function fieldErrors(form) {
  const { errors } = form._getState();
  const found = instances(form).map(instance => [pathOf(instance), place(instance).reduce((at, key) => at?.[key], errors)]);
  return Object.fromEntries(found.filter(([, texts]) => texts?.length));
}

/** Shows what the server found, {path: [text]}, at the fields of those paths. */
export function placeErrors(form, errors) {
  const byPath = new Map(Object.entries(errors).map(([path, texts]) => [plain(path), texts]));
  const state = {};
  for (const instance of instances(form)) {
    const texts = byPath.get(pathOf(instance));
    if (texts) put(state, place(instance), texts);
  }
  form._setState({ errors: state });
}

function put(state, [first, ...rest], texts) {
  if (!rest.length) state[first] = texts;
  else put(state[first] ??= {}, rest, texts);
}

/** The summary above the form: one line a field, each leading to its field. */
export function showErrors(alert, form, message, errors) {
  const lines = Object.entries(errors).flatMap(([path, texts]) => [texts].flat().map(text => line(form, plain(path), text)));
  alert.say('err', make('p', {}, message), ...(lines.length ? [make('ul', {}, ...lines)] : []));
}

function line(form, path, text) {
  const instance = instances(form).find(candidate => pathOf(candidate) === path);
  if (!instance) return make('li', {}, path ? `${path}: ${text}` : text);
  const onclick = event => { event.preventDefault(); inputOf(form, instance)?.focus(); };
  return make('li', {}, make('a', { href: '#form', onclick }, `${label(form, instance, path)}: ${text}`));
}

function label(form, instance, path) {
  const field = form.get('formFieldRegistry').get(instance.id);
  const rows = Object.values(instance.indexes ?? {}).map(index => index + 1);
  return (field.label ?? field.dateLabel ?? path) + (rows.length ? ` (row ${rows.join('.')})` : '');
}

function inputOf(form, instance) {
  const id = ['fjs-form', form._id, ...[instance.id, ...Object.values(instance.indexes ?? {})]];
  const prefix = `${id[0]}-${id[1]}-${id.slice(2).join('_')}`;
  return [...document.querySelectorAll(`[id^="${CSS.escape(prefix)}"]`)].find(element => element.matches('input, textarea, select, button, [tabindex]'));
}
