// A slider's track is filled up to its thumb, and its <output> says the number.
export function fill(slider) {
  const { min, max, value } = slider;
  slider.style.setProperty("--at", `${((value - min) / (max - min)) * 100}%`);
  const output = document.querySelector(`output[for="${slider.id}"]`);
  if (output) output.value = value;
}

for (const slider of document.querySelectorAll(".slider")) fill(slider);
document.addEventListener("input", (event) => event.target.matches(".slider") && fill(event.target));
