// #pulse asks about all live jobs of the page in one request; with none, or in the background, it keeps quiet.
document.addEventListener("htmx:before:request", (event) => {
  if (event.target.id !== "pulse") return;
  if (document.hidden || !document.querySelector("[name=live]")) event.preventDefault();
});
