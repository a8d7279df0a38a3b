// Zoom and place of both pictures, in step. x and y are CSS pixels from the middle; zoom 1 fits the stage.
const MOST = 8; // times the fitted picture, or its own pixels, whichever is more

export class View {
  constructor(host) {
    this.host = host;
    this.picture = host.querySelector(".result img");
    [this.zoom, this.x, this.y] = [1, 0, 0];
  }

  // How many CSS pixels one pixel of the result covers when it fits.
  fitted() {
    const { clientWidth, clientHeight } = this.picture;
    const [width, height] = [this.picture.getAttribute("width"), this.picture.getAttribute("height")];
    return Math.min(clientWidth / width, clientHeight / height);
  }

  show(zoom) {
    [this.x, this.y] = zoom === 1 ? [0, 0] : [this.x, this.y];
    this.set(zoom);
  }

  // Zoom around a point of the window, so that what is under the finger stays there.
  by(factor, clientX, clientY, pane = this.picture.parentElement) {
    const zoom = Math.min(Math.max(this.zoom * factor, 1), Math.max(MOST, MOST / this.fitted()));
    const box = pane.getBoundingClientRect();
    const [px, py] = clientX === undefined ? [0, 0] : [clientX - box.left - box.width / 2, clientY - box.top - box.height / 2];
    this.x = px - ((px - this.x) * zoom) / this.zoom;
    this.y = py - ((py - this.y) * zoom) / this.zoom;
    this.set(zoom);
  }

  move(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.set(this.zoom);
  }

  set(zoom) {
    this.zoom = zoom;
    const { clientWidth, clientHeight } = this.picture;
    this.x = clamp(this.x, (clientWidth * Math.max(zoom, 1) - clientWidth) / 2);
    this.y = clamp(this.y, (clientHeight * Math.max(zoom, 1) - clientHeight) / 2);
    this.host.style.setProperty("--zoom", zoom);
    this.host.style.setProperty("--x", `${this.x}px`);
    this.host.style.setProperty("--y", `${this.y}px`);
    this.host.zoomed(zoom);
  }
}

const clamp = (value, most) => Math.min(Math.max(value, -most), most);
