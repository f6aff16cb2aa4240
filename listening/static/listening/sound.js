/* Play test sound: one button that plays and stops. */

const button = document.querySelector("[data-test-sound]");
const status = document.querySelector("[data-status]");
const sound = new Audio();
sound.loop = true;

for (const part of document.querySelectorAll("[data-with-script]")) part.hidden = false;

function show(playing) {
  button.setAttribute("aria-pressed", String(playing));
  status.textContent = playing ? "Playing. Press again to stop." : "";
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
    status.textContent = "The sound could not be played. Please try again.";
  }
});
sound.addEventListener("playing", () => show(true));
sound.addEventListener("pause", () => show(false));
