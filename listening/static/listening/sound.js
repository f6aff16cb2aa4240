/* Play test sound: one button that plays and stops. */

import { words } from "./words.js";

const button = document.querySelector("[data-test-sound]");
const status = document.querySelector("[data-status]");
const sound = new Audio();
sound.loop = true;

for (const part of document.querySelectorAll("[data-with-script]")) part.hidden = false;

function show(playing) {
  button.setAttribute("aria-pressed", String(playing));
  status.textContent = playing ? words.test_playing : "";
}

button.addEventListener("click", async () => {
  if (!sound.paused) {
    sound.pause();
    return;
  }
  if (!sound.src) sound.src = button.dataset.testSound;
  try {
    await sound.play();
  } catch {
    sound.removeAttribute("src"); // the next press fetches it again
    status.textContent = words.test_failed;
  }
});
sound.addEventListener("playing", () => show(true));
sound.addEventListener("pause", () => show(false));
