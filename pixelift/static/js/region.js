// <pixel-region>: a frame over a picture, moved by mouse, finger or arrow keys. All sizes are the picture's own pixels.
const STEP = 8, LEAP = 64;

class PixelRegion extends HTMLElement {
  connectedCallback() {
    [this.picture, this.frame] = this.children;
    this.side = 256;
    this.frame.addEventListener("keydown", (event) => this.key(event));
    this.addEventListener("pointerdown", (event) => this.hold(event));
    this.addEventListener("pointermove", (event) => this.held && this.follow(event));
    for (const end of ["pointerup", "pointercancel"]) this.addEventListener(end, () => (this.held = null));
    this.addEventListener("dragstart", (event) => event.preventDefault());
  }

  // Begin with the middle of a picture; without an address there is nothing to see, and the server takes the middle.
  show({ url, width, height, label }) {
    this.hidden = !url;
    this.known = Boolean(url);
    [this.width, this.height] = [width, height];
    if (!url) return;
    this.picture.src = url;
    this.picture.alt = label;
    [this.x, this.y] = [width / 2, height / 2];
    this.place();
  }

  resize(side) {
    this.side = side;
    if (this.known) this.place();
  }

  // What the server understands as a region.
  get region() {
    if (!this.known) return { width: this.side, height: this.side };
    const [width, height] = this.size;
    return { x: Math.round(this.x - width / 2), y: Math.round(this.y - height / 2), width, height };
  }

  get size() {
    return [Math.min(this.side, this.width), Math.min(this.side, this.height)];
  }

  key(event) {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!step) return;
    event.preventDefault();
    this.move(...step.map((way) => way * (event.shiftKey ? LEAP : STEP)));
  }

  // A press beside the frame brings it there; a drag moves it by the way the pointer goes.
  hold(event) {
    this.setPointerCapture(event.pointerId);
    const box = this.getBoundingClientRect();
    const scale = this.width / box.width;
    if (event.target !== this.frame) {
      [this.x, this.y] = [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
      this.place();
    }
    this.held = { scale, x: event.clientX, y: event.clientY };
    this.frame.focus({ preventScroll: true });
    event.preventDefault();
  }

  follow(event) {
    const { scale, x, y } = this.held;
    [this.held.x, this.held.y] = [event.clientX, event.clientY];
    this.move((event.clientX - x) * scale, (event.clientY - y) * scale);
  }

  move(dx, dy) {
    [this.x, this.y] = [this.x + dx, this.y + dy];
    this.place();
  }

  place() {
    const [width, height] = this.size;
    this.x = Math.min(Math.max(this.x, width / 2), this.width - width / 2);
    this.y = Math.min(Math.max(this.y, height / 2), this.height - height / 2);
    const { x, y } = this.region;
    const share = { left: x / this.width, top: y / this.height, width: width / this.width, height: height / this.height };
    for (const [name, part] of Object.entries(share)) this.frame.style.setProperty(name, `${part * 100}%`);
    this.frame.setAttribute("aria-label", `Region of ${width} by ${height} pixels, ${x} from the left, ${y} from the top. Arrow keys move it.`);
  }
}

customElements.define("pixel-region", PixelRegion);
