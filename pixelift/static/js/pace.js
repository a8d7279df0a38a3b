// How long pictures will take, at the speed that was measured here (pixelift/estimates.py).
const AROUND_S = 1; // to be noticed, opened and written

// `model`: the radio button of the one that is chosen. Return seconds, or null when its speed is not known.
export function seconds(pictures, model) {
  const { native, mpxPerS } = model.dataset;
  if (!mpxPerS || pictures.some((picture) => !picture.target)) return null;
  const pixels = pictures.reduce((sum, picture) => sum + shown(picture, Number(native)), 0);
  return AROUND_S * pictures.length + pixels / 1e6 / mpxPerS;
}

// How many pixels the network is shown, in as many passes as it takes (pixelift/engine/geometry.py).
function shown({ width, height, target }, native) {
  const factor = Math.max(target[0] / width, target[1] / height);
  const last = Math.max(1, native === 1 ? 1 : Math.ceil(Math.log(factor) / Math.log(native) - 1e-9));
  let pixels = width * height * Math.min(1, factor) ** 2;
  for (let pass = 1; pass < last; pass += 1) pixels += width * height * (factor / native ** (last - pass)) ** 2;
  return pixels;
}
