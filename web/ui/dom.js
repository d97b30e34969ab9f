// The only place that makes page elements from script: small, and never from markup text.

/** `make('button', { class: 'btn', onclick }, 'Save')`: attributes by name, listeners by `on…`; false and null leave one out. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** A box for refusals before `place`: `say(kind, ...content)` fills and focuses it, `clear()` empties it. */
export function alertBox(place) {
  const box = place.querySelector('[role=alert]') ?? make('div', { class: 'alert', role: 'alert' });
  if (!box.isConnected) place.prepend(box);
  box.tabIndex = -1;
  return {
    clear: () => box.replaceChildren(),
    say(kind, ...content) {
      box.className = `alert ${kind}`;
      box.replaceChildren(...content);
      box.focus();
    },
  };
}

/** Calls `action` once, `ms` after the last `later()`; `now()` does not wait, `drop()` forgets it. */
export function debounced(action, ms) {
  let timer = null;
  const drop = () => { clearTimeout(timer); timer = null; };
  return {
    drop,
    later() { drop(); timer = setTimeout(() => { timer = null; action(); }, ms); },
    now() { if (timer !== null) { drop(); action(); } },
  };
}
