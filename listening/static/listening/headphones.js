/* The sounds of the headphone check: a button each, of which one plays at a time. */

import { audioContext, together } from "./sounds.js";

const form = document.querySelector("form:has([data-sound])");
let playing = null; // { button, source }
let wanted = null; // the button that was pressed last, while its sound is coming

for (const part of document.querySelectorAll("[data-with-script]")) part.hidden = false;

/** Say beside `button` what stands in the page's element `name`, or nothing. */
function say(button, name) {
  const words = name ? form.querySelector(`[data-${name}]`).textContent : "";
  button.parentElement.querySelector("[data-status]").textContent = words;
  button.setAttribute("aria-pressed", String(name === "playing"));
}

function stop() {
  if (playing === null) return;
  const { button, source } = playing;
  playing = null;
  source.stop();
  say(button, "");
}

async function play(button) {
  wanted = button;
  const context = audioContext();
  const [[buffer]] = await Promise.all([together([button.dataset.sound]), context.resume()]);
  if (wanted !== button) return;
  stop();
  const source = new AudioBufferSourceNode(context, { buffer });
  source.connect(context.destination);
  source.addEventListener("ended", () => {
    if (playing?.source === source) stop();
  });
  playing = { button, source };
  source.start();
  say(button, "playing");
}

async function press(button) {
  if (playing?.button === button) {
    wanted = null;
    stop();
    return;
  }
  try {
    await play(button);
  } catch {
    say(button, "failed");
  }
}

for (const button of document.querySelectorAll("[data-sound]")) {
  button.addEventListener("click", () => press(button));
}
