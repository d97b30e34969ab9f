// The only place that shows problems of a diagram: a list that leads to the elements, and a mark at each of them.
import { make } from './dom.js';

const MARK = 'problem';

/** `show(kind, headline, problems)`: problems as the server names them ({file, line, element, message}) or as bpmn-js does ({message}). */
export function problemList(box, modeler, ownFile) {
  const canvas = modeler.get('canvas'), elements = modeler.get('elementRegistry');

  function show(kind, headline, problems) {
    for (const element of elements.filter(each => canvas.hasMarker(each, MARK))) canvas.removeMarker(element, MARK);
    for (const { element } of problems) if (elements.get(element)) canvas.addMarker(element, MARK);
    box.className = `alert ${kind === 'ok' && problems.length ? 'warn' : kind}`;
    box.replaceChildren(make('p', {}, headline), ...(problems.length ? [make('ol', { class: 'problems' }, ...problems.map(line))] : []));
    box.focus();
  }

  function line(problem) {
    const words = [where(problem), problem.message].filter(Boolean).join(': ');
    if (!elements.get(problem.element)) return make('li', {}, words);
    return make('li', {}, make('button', { type: 'button', onclick: () => select(problem.element) }, words));
  }

  function where({ file, line: at, element }) {
    const name = elements.get(element)?.businessObject.name ?? element;
    return [file && file !== ownFile && file, name, at && `line ${at}`].filter(Boolean).join(', ');
  }

  function select(id) {
    const element = elements.get(id);
    canvas.setRootElement(canvas.findRoot(element));   // it may be inside a collapsed sub-process
    modeler.get('selection').select(element);
    canvas.scrollToElement(element);
    canvas.focus();
  }

  return { show };
}
