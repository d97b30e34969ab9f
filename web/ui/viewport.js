// The only place that fits a whole diagram into what is visible of its canvas.

const MARGIN = 24;   // pixels around the diagram

/** Shows all of the diagram, never enlarged; `left` pixels of the canvas are covered by a palette. */
export function fit(canvas, left = 0) {
  const { inner, outer } = canvas.viewbox();
  const room = { width: outer.width - left - 2 * MARGIN, height: outer.height - 2 * MARGIN };
  const scale = Math.max(0.2, Math.min(1, room.width / inner.width, room.height / inner.height));
  const before = { x: left + MARGIN + Math.max(0, room.width - inner.width * scale) / 2, y: MARGIN + Math.max(0, room.height - inner.height * scale) / 2 };
  canvas.viewbox({ x: inner.x - before.x / scale, y: inner.y - before.y / scale, width: outer.width / scale, height: outer.height / scale });
}
