// Wheel, drag and pinch on a <pixel-compare>. At rest one finger moves the split (the range does that by itself) and the
// wheel scrolls the page; zoomed, a drag moves the picture, a drag on the handle the split, and the wheel zooms.
export function listen(host) {
  const fingers = new Map();
  const { view } = host;
  let held = null;

  host.addEventListener("pointerdown", (event) => {
    if (event.target.closest("button")) return;
    fingers.set(event.pointerId, event);
    if (view.zoom <= 1 && fingers.size < 2) return;
    host.setPointerCapture(event.pointerId);
    held = event.target.matches(".handle") ? "handle" : "picture";
  });

  host.addEventListener("pointermove", (event) => {
    host.loupe?.follow(event);
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const other = [...fingers.values()].find((finger) => finger.pointerId !== event.pointerId);
    fingers.set(event.pointerId, event);
    if (other) pinch(host, before, event, other);
    else if (held === "picture") view.move(event.clientX - before.clientX, event.clientY - before.clientY);
    else if (held === "handle") split(host, event);
  });

  for (const end of ["pointerup", "pointercancel"]) {
    host.addEventListener(end, (event) => {
      fingers.delete(event.pointerId);
      if (!fingers.size) held = null;
    });
  }
  host.addEventListener("dragstart", (event) => event.preventDefault());
  host.addEventListener("dblclick", (event) => (view.zoom > 1 ? view.show(1) : view.by(1 / view.fitted() > 1.5 ? 1 / view.fitted() : 3, event.clientX, event.clientY, pane(event))));
  host.addEventListener("wheel", (event) => {
    if (view.zoom <= 1 && !event.ctrlKey && !event.metaKey && !document.fullscreenElement) return;
    event.preventDefault();
    view.by(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.002)), event.clientX, event.clientY, pane(event));
  }, { passive: false });
}

function pinch(host, before, now, other) {
  const spread = (a, b) => Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
  const middle = [(now.clientX + other.clientX) / 2, (now.clientY + other.clientY) / 2];
  host.view.by(spread(now, other) / Math.max(spread(before, other), 1), ...middle, pane(now));
  host.view.move((now.clientX - before.clientX) / 2, (now.clientY - before.clientY) / 2);
}

function split(host, event) {
  const box = host.getBoundingClientRect();
  host.split(((event.clientX - box.left) / box.width) * 100);
}

const pane = (event) => event.target.closest("figure") ?? undefined;
