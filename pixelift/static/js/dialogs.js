// Dialogs open by command="show-modal", which older browsers have to be taught; those marked data-show open at once.
const TAUGHT = "commandForElement" in HTMLButtonElement.prototype;

document.addEventListener("click", (event) => {
  event.target.closest("[data-dismiss]")?.parentElement.remove();
  const button = event.target.closest("[commandfor]");
  if (TAUGHT || !button) return;
  const dialog = document.getElementById(button.getAttribute("commandfor"));
  if (button.getAttribute("command") === "close") dialog.close();
  else dialog.showModal();
});

for (const dialog of document.querySelectorAll("dialog[data-show]")) {
  dialog.close();
  dialog.showModal();
  // A page that answers a form must not send it again on reload.
  history.replaceState(null, "", location.href);
}
