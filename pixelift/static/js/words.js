// Numbers as the server writes them (pixelift/web/words.py).
const NBSP = "\u00a0";
const grouped = new Intl.NumberFormat("en");

export const number = (value) => grouped.format(value);
export const size = (width, height) => `${number(width)}${NBSP}×${NBSP}${number(height)}`;
export const pictures = (count) => (count === 1 ? "1 picture" : `${number(count)} pictures`);
export const megapixels = (pixels) => `${rounded(pixels / 1e6)}${NBSP}Mpx`;

// Whole seconds up to a minute and a half, then whole minutes.
export const roughly = (seconds) => (seconds < 90 ? `${Math.max(Math.round(seconds), 1)}${NBSP}s` : `${Math.round(seconds / 60)}${NBSP}min`);

export function fileSize(bytes) {
  const [unit, per] = bytes >= 1e9 ? ["GB", 1e9] : bytes >= 1e6 ? ["MB", 1e6] : bytes >= 1e3 ? ["kB", 1e3] : ["B", 1];
  return `${unit === "B" ? bytes : rounded(bytes / per)}${NBSP}${unit}`;
}

const rounded = (value) => number(value < 10 ? Math.round(value * 10) / 10 : Math.round(value));

// Say next to a field what is wrong with it, or that nothing is.
export function complain(id, text, field) {
  const error = document.getElementById(id);
  error.hidden = !text;
  error.querySelector("span").textContent = text;
  if (text) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
  return field;
}
