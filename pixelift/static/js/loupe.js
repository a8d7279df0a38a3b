// Two panes, the same spot of both pictures, enlarged by the same factor. It follows the mouse, sits above a finger,
// and goes by arrow keys.
const FACTOR = 2.5, STEP_PX = 8, LEAP_PX = 40;

export class Loupe {
  constructor(host) {
    this.host = host;
    this.element = document.createElement("div");
    this.element.className = "loupe";
    this.panes = [".source", ".result"].map((selector) => this.pane(host.querySelector(`${selector} :is(img, .shaped)`)));
    host.append(this.element);
    const { left, top, width, height } = host.getBoundingClientRect();
    this.show(left + width / 2, top + height / 2);
  }

  pane(image) {
    const pane = document.createElement("span");
    const inner = image.querySelector("image");
    pane.style.backgroundImage = `url("${image.src ?? inner.href.baseVal}")`;
    this.element.append(pane);
    return { pane, grown: inner ? grown(inner) : [1, 1] };
  }

  // Browsers send moves of a mouse that rests when the page changes under it; those must not undo an arrow key.
  follow(event) {
    if (event.pointerType === "mouse" && !event.movementX && !event.movementY) return;
    this.element.classList.toggle("above", event.pointerType === "touch");
    this.show(event.clientX, event.clientY);
  }

  move(dx, dy, far) {
    const step = far ? LEAP_PX : STEP_PX;
    const box = this.host.getBoundingClientRect();
    this.show(Math.min(Math.max(this.x + dx * step, box.left), box.right), Math.min(Math.max(this.y + dy * step, box.top), box.bottom));
  }

  show(clientX, clientY) {
    [this.x, this.y] = [clientX, clientY];
    const host = this.host.getBoundingClientRect();
    this.element.style.setProperty("--lx", `${clientX - host.left}px`);
    this.element.style.setProperty("--ly", `${clientY - host.top}px`);
    const picture = painted(this.underneath(clientX));
    for (const { pane, grown } of this.panes) {
      const [width, height] = [picture.width * grown[0], picture.height * grown[1]];
      const x = (clientX - picture.left + (width - picture.width) / 2) * FACTOR - pane.clientWidth / 2;
      const y = (clientY - picture.top + (height - picture.height) / 2) * FACTOR - pane.clientHeight / 2;
      pane.style.backgroundSize = `${width * FACTOR}px ${height * FACTOR}px`;
      pane.style.backgroundPosition = `${-x}px ${-y}px`;
    }
  }

  // Side by side, the left half shows the source and the right half the result; else both lie on one another.
  underneath(clientX) {
    const result = this.host.querySelector(".result");
    const left = clientX < result.getBoundingClientRect().left;
    return (left ? this.host.querySelector(".source") : result).querySelector("img, .shaped");
  }

  remove() {
    this.element.remove();
  }
}

// How many times larger than the result a source is whose middle fills it: both ways alike where it is cropped.
function grown(inner) {
  if (inner.getAttribute("preserveAspectRatio") === "none") return [1, 1];
  const [wide, tall] = inner.dataset.size.split(" ");
  const [width, height] = shape(inner);
  const factor = Math.max(width / wide, height / tall);
  return [(wide * factor) / width, (tall * factor) / height];
}

// The rectangle that a picture really covers, which keeps its shape within its box.
function painted(image) {
  const box = image.getBoundingClientRect();
  const [natural, tall] = shape(image.querySelector("image") ?? image);
  const scale = Math.min(box.width / natural, box.height / tall);
  const [width, height] = [natural * scale, tall * scale];
  return { left: box.left + (box.width - width) / 2, top: box.top + (box.height - height) / 2, width, height };
}

const shape = (element) => [Number(element.getAttribute("width")), Number(element.getAttribute("height"))];
