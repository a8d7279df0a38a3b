// Where the browser cannot anchor a menu to its button by CSS, place it by hand when it opens.
const GAP_PX = 4;

if (!CSS.supports("position-area", "bottom")) {
  document.addEventListener("toggle", (event) => event.newState === "open" && event.target.matches(".menu") && place(event.target), true);
}

function place(menu) {
  const button = document.querySelector(`[popovertarget="${menu.id}"]`).getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const below = button.bottom + GAP_PX;
  const top = below + height > innerHeight ? button.top - height - GAP_PX : below;
  const left = Math.min(Math.max(button.right - width, GAP_PX), innerWidth - width - GAP_PX);
  menu.style.setProperty("--top", `${Math.max(top, GAP_PX)}px`);
  menu.style.setProperty("--left", `${left}px`);
}
