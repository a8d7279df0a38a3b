// The size that a picture will have, as the server says it (pixelift/engine/geometry.py).
const MOST = 8, ROUNDING = 1e-6;

// What the form asks for: {scale}, or {width, height, fit} where one of the two may be null. `fault` says what is wrong;
// `open`: nothing was typed yet.
export function wish(form) {
  const { scale, own_scale, width, height, fit } = form.elements;
  if (scale.value === "exact") {
    const sides = { width: pixels(width), height: pixels(height), fit: fit.value };
    const wrong = [width, height].find((field) => Number.isNaN(pixels(field)));
    if (wrong) return { fault: "Width and height are whole numbers of pixels.", field: wrong };
    return sides.width || sides.height ? sides : { fault: "Say a width, a height or both.", field: width, open: true };
  }
  const times = Number(scale.value === "other" ? own_scale.value : scale.value);
  return times >= 1 && times <= MOST ? { scale: times } : { fault: `Choose a size from 1 to ${MOST} times.`, field: own_scale };
}

// Return [width, height], or null when that is more than eight times larger.
export function target(picture, { scale, width, height, fit }) {
  const own = [picture.width, picture.height];
  if (scale) return times(own, scale);
  const ratios = [width, height].map((side, at) => side && side / own[at]);
  const given = ratios.filter(Boolean);
  const factor = fit === "inside" ? Math.min(...given) : Math.max(...given);
  if (factor > MOST + ROUNDING) return null;
  if (given.length === 2 && fit !== "inside") return [width, height];
  const inside = times(own, factor);
  return [Math.min(inside[0], width || inside[0]), Math.min(inside[1], height || inside[1])];
}

const times = (own, scale) => own.map((side) => Math.max(1, rounded(side * scale)));

// Halves go to the even neighbour, as in Python.
function rounded(value) {
  const near = Math.round(value);
  return value % 1 === 0.5 && near % 2 ? near - 1 : near;
}

function pixels(field) {
  if (!field.value && !field.validity.badInput) return null;
  const number = Number(field.value);
  return field.value && Number.isInteger(number) && number > 0 ? number : NaN;
}
