// The Studio's side of "Compare models": the form's settings go in, the choice comes back into the form.
import { compare } from "./previews.js";
import { fill } from "./sliders.js";
import { target, wish } from "./target.js";

// Let a row's button compare its picture.
export function offer({ picture, element }, form) {
  const settings = () => ({ model: form.elements.model.value, scale: scale(picture, wish(form)), ...strengths(form) });
  const use = (chosen) => {
    take(form, chosen);
    document.getElementById("previews").close();
    form.querySelector("[name=model]:checked").focus();
  };
  use.words = "Use this";
  element.querySelector("[data-compare]").addEventListener("click", () => compare(seen(picture, element), settings, use));
}

// A picture that the server has is known to it as the source of the job that it comes from.
function seen(picture, { dataset: { job, shown } }) {
  const { width, height, label } = picture;
  return job ? { field: "job", value: job, url: shown, width, height, label } : picture;
}

function scale(picture, wanted) {
  if (wanted.scale || wanted.fault || !picture.width) return wanted.scale ?? 4;
  const size = target(picture, wanted);
  return size ? Math.min(Math.max(size[0] / picture.width, 1), 8) : 4;
}

function strengths(form) {
  const face = faces(form)?.checked ? Number(form.elements.face.value) : 0;
  return { denoise: Number(form.elements.denoise.value), enhance_face: face };
}

function take(form, { model, denoise, enhance_face }) {
  form.elements.model.value = model;
  set(form.elements.denoise, denoise);
  if (faces(form)) faces(form).checked = enhance_face > 0;
  if (enhance_face) set(form.elements.face, enhance_face);
  form.dispatchEvent(new Event("input", { bubbles: true }));
}

function set(slider, value) {
  slider.value = value;
  fill(slider);
}

const faces = (form) => form.querySelector("[name=faces][type=checkbox]:enabled");
