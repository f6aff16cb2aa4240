/* A trial with many sounds: a slider each, which is moved while its sound is heard. */

import { APART } from "./player.js";
import { TrialPage } from "./trial-page.js";

// What is pressed on a slider that stands where it is to stay
const HELD = new Set(["Home", "PageDown", "ArrowLeft", "ArrowDown"]);

export class SlidersPage extends TrialPage {
  wire() {
    const bands = [...this.section.querySelectorAll("[data-band]")];
    this.bands = bands.map((band) => band.textContent);
    this.sliders = this.members.map(({ card }) => slider(card));
    for (const one of this.sliders.filter(Boolean)) {
      const { input } = one;
      input.addEventListener("input", () => this.moved(one));
      input.addEventListener("pointerup", () => this.moved(one));
      input.addEventListener("keyup", ({ key }) => HELD.has(key) && this.moved(one));
    }
    super.wire();
  }

  get switching() {
    return APART;
  }

  get answers() {
    return this.scored.map(({ input }) => input.name);
  }

  /** The sliders there are: the reference has none. */
  get scored() {
    return this.sliders.filter(Boolean);
  }

  /** Play what the key stands for, and go to its slider. */
  playNamed(key) {
    const member = this.members.findIndex(({ card }) => card.dataset.key === key);
    if (member < 0) return false;
    this.play(member).then(() => this.sliders[member]?.input.focus());
    return true;
  }

  /** Nothing but a slider is chosen on. */
  choose() {
    return false;
  }

  listening(member) {
    super.listening(member);
    if (member === null) return; // paused: the last one can still be moved
    this.sliders.forEach((one, n) => {
      if (one) one.input.disabled = n !== member;
    });
  }

  moved(one) {
    const { input, output } = one;
    one.moved = true;
    const band = Math.min(Math.floor(input.value / 20), this.bands.length - 1);
    output.textContent = input.value;
    input.setAttribute("aria-valuetext", `${input.value}, ${this.bands[band]}`);
    this.review();
  }

  changed(event) {
    if (this.answers.includes(event.target.name)) this.note("choose");
  }

  /** Bring Next in line with what was heard and scored. */
  review() {
    this.next.disabled = !this.unlocked || this.scored.some(({ moved }) => !moved);
    this.hint.hidden = !this.next.disabled;
  }

  unlock() {
    this.unlocked = true;
    this.review();
  }

  restore(answer) {
    for (const one of this.scored) one.moved = true;
    super.restore(answer);
  }
}

/** Make a slider of the number on `card`; null if there is none. */
function slider(card) {
  const input = card.querySelector("[data-score]");
  if (input === null) return null;
  input.type = "range";
  input.value = 0;
  input.disabled = true;
  return { input, output: card.querySelector("output"), moved: false };
}
