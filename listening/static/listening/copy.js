// Buttons that copy the value of a field: <button data-copy="id of the field" hidden>.
// Without this script the button stays hidden and the field can be copied by hand.

for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  const label = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    // Outside a secure context there is no clipboard, only the selection.
    if (navigator.clipboard) await navigator.clipboard.writeText(field.value);
    else document.execCommand("copy");
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = label; }, 2000);
  });
}
