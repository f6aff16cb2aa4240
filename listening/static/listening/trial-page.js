/* One trial on the screen: its buttons, its answers, and what happened meanwhile. */

import { CROSSING, Player } from "./player.js";
import { audioContext, keepOnly, together } from "./sounds.js";
import { UnderrunCounter } from "./underruns.js";
import { words } from "./words.js";

/** Say something to those who listen to the page rather than look at it. */
export function say(text) {
  document.getElementById("live").textContent = text;
}

export class TrialPage {
  /** `log`: an EventLog that is told what happens. */
  constructor(section, log) {
    this.section = section;
    this.log = log;
    this.form = section.querySelector("form");
    this.members = [...section.querySelectorAll("[data-member]")].map((card) => ({
      card,
      letter: card.dataset.member,
      button: card.querySelector("[data-play]"),
      bar: card.querySelector("[data-heard]"),
      playing: card.dataset.playing,
    }));
    this.pauseButton = section.querySelector("[data-pause]");
    this.slider = section.querySelector("[data-seek]");
    this.radios = [...this.form.querySelectorAll('input[name="value"]')];
    this.next = this.form.querySelector("[data-next]");
    this.hint = section.querySelector("[data-hint]");
    this.player = null;
    this.unlocked = false;
    this.held = false;
    this.arrived = performance.now();
    this.counts = { plays: 0, seeks: 0, absences: 0, device_changes: 0 };
    this.present = true;
    this.underruns = null;
    this.tick = this.tick.bind(this);
    this.wire();
  }

  part(name) {
    return this.section.querySelector(`[data-${name}]`);
  }

  wire() {
    for (const part of this.section.querySelectorAll("[data-with-script]")) {
      part.hidden = false;
    }
    this.members.forEach(({ button }, n) =>
      button.addEventListener("click", () => this.play(n)),
    );
    this.pauseButton.addEventListener("click", () => this.pause());
    this.part("retry").addEventListener("click", () => this.load());
    this.slider.addEventListener("input", () => this.seek());
    this.slider.addEventListener("change", () => this.sought());
    this.form.addEventListener("change", (event) => this.changed(event));
    this.review();
  }

  get seconds() {
    return (performance.now() - this.arrived) / 1000;
  }

  /** How the player goes from one member to another. */
  get switching() {
    return CROSSING;
  }

  /** Names of the fields in which the answer is. */
  get answers() {
    return ["value"];
  }

  get position() {
    return Number(this.form.elements.position.value);
  }

  note(kind) {
    const told = { trial: this.position, at_s: this.seconds };
    if (this.player !== null) {
      told.audio_s = audioContext().currentTime;
      told.position_s = this.player.position();
      if (this.player.playing) told.member = this.members[this.player.member].letter;
    }
    this.log.note(kind, told);
  }

  /** The addresses of the sounds whose names in the page begin with `prefix`. */
  addresses(prefix = "data") {
    return this.members
      .map(({ letter }) => this.section.getAttribute(`${prefix}-${letter}`))
      .filter((address) => address !== null);
  }

  /** Fetch the sounds, then the next ones while the rater listens. */
  async load() {
    this.part("sound-error").hidden = true;
    this.section.setAttribute("aria-busy", "true");
    const [now, next] = [this.addresses(), this.addresses("data-next")];
    try {
      const buffers = await together(now);
      this.player = new Player(audioContext(), buffers, { switching: this.switching });
      this.underruns = new UnderrunCounter(audioContext());
      this.note("loaded");
      for (const { button } of this.members) button.disabled = false;
      this.slider.disabled = false;
    } catch {
      this.part("sound-error").hidden = false;
      say(words.no_sound);
      this.note("failed");
      return;
    } finally {
      this.section.removeAttribute("aria-busy");
    }
    keepOnly([...now, ...next]);
    together(next).catch(() => {}); // they are fetched again when due
  }

  /* -- listening -- */

  /** Play the member called `letter`; tell whether there is one. */
  playNamed(letter) {
    const member = this.members.findIndex((one) => one.letter === letter);
    if (member >= 0) this.play(member);
    return member >= 0;
  }

  async play(member) {
    if (this.player === null) return;
    this.part("away").hidden = true;
    try {
      await audioContext().resume();
    } catch {
      this.part("sound-error").hidden = false;
      return;
    }
    const { playing, member: before } = this.player;
    if (playing && member === before) return;
    this.player.play(member);
    if (playing) {
      this.note("switch");
    } else {
      this.counts.plays += 1;
      this.underruns.rest();
      this.note("play");
    }
    this.listening(member);
    requestAnimationFrame(this.tick);
  }

  pause() {
    if (!this.player?.playing) return;
    this.note("pause"); // before, so that it names who was heard
    this.player.pause();
    this.listening(null);
  }

  toggle() {
    if (this.player?.playing) this.pause();
    else this.play(this.player?.member ?? 0);
  }

  seek() {
    this.player?.seek((this.slider.value / this.slider.max) * this.player.duration);
  }

  /** The slider was let go at a new place. */
  sought() {
    if (this.player === null) return;
    this.counts.seeks += 1;
    this.note("seek");
  }

  /** The rater went somewhere else (`kind` hidden or blur), or is back. */
  attend(kind) {
    const present = !document.hidden && document.hasFocus();
    if (this.present && !present) this.counts.absences += 1;
    this.present = present;
    this.note(kind);
    if (kind === "hidden") this.away("left");
  }

  /** The device was changed or taken away: headphones may be off now. */
  deviceChanged(kind) {
    if (kind === "device") this.counts.device_changes += 1;
    this.note(kind);
    this.away(kind, { always: kind === "device" });
  }

  /** Pause, and say why on a card: `reason` left, device or interrupted. */
  away(reason, { always = false } = {}) {
    if (!this.player?.playing && !always) return;
    this.pause();
    for (const card of this.part("away").querySelectorAll("[data-reason]")) {
      card.hidden = card.dataset.reason !== reason;
    }
    this.part("away").hidden = false;
  }

  /** Show which member is heard, null for none. */
  listening(member) {
    this.members.forEach(({ card, button }, n) => {
      card.classList.toggle("heard", n === member);
      button.setAttribute("aria-pressed", String(n === member));
    });
    this.pauseButton.disabled = member === null;
    say(member === null ? words.paused : this.members[member].playing);
  }

  tick() {
    if (this.player === null || !this.section.isConnected) return;
    const enough = Math.min(Number(this.section.dataset.minListening), this.player.clip);
    const heard = this.members.map((_, n) => this.player.heard(n));
    this.members.forEach(({ card, bar }, n) => {
      bar.value = enough > 0 ? Math.min(1, heard[n] / enough) : 1;
      card.classList.toggle("enough", heard[n] >= enough);
    });
    if (!this.unlocked && heard.every((seconds) => seconds >= enough)) this.unlock();
    if (!this.player.playing) return;
    if (this.underruns.look()) this.note("underrun");
    if (document.activeElement !== this.slider || !this.slider.matches(":active")) {
      const share = this.player.position() / this.player.duration;
      this.slider.value = share * this.slider.max;
    }
    requestAnimationFrame(this.tick);
  }

  /* -- answering -- */

  unlock() {
    this.unlocked = true;
    this.review();
    say(words.answer_now);
  }

  /** Bring radio buttons and Next in line with what was heard and chosen. */
  review() {
    for (const radio of this.radios) radio.disabled = !this.unlocked;
    this.next.disabled = !this.radios.some((radio) => radio.checked);
    this.hint.hidden = this.unlocked;
  }

  changed(event) {
    if (event.target.name === "value") this.note("choose");
    this.review();
  }

  choose(key) {
    const radio = this.radios.find((one) => one.dataset.key === key);
    if (radio === undefined) return false;
    if (this.unlocked) {
      radio.click();
      radio.focus();
    } else {
      say(this.hint.dataset.early);
    }
    return true;
  }

  submit() {
    if (!this.next.disabled) this.form.requestSubmit(this.next);
  }

  /** Seconds for which each member was heard, by the name of their field. */
  get listened() {
    const told = this.members.map(({ letter }, n) => [
      `listened_${letter}_s`,
      (this.player?.heard(n) ?? 0).toFixed(3),
    ]);
    return Object.fromEntries(told);
  }

  /** Write down how the rater listened, once per answer. */
  fill() {
    const told = {
      ...this.listened,
      switches: this.player?.switches ?? 0,
      ...this.counts,
      underruns: this.underruns?.count ?? "",
      context_rate_hz: this.player === null ? "" : audioContext().sampleRate,
      response_time_s: this.seconds.toFixed(3),
    };
    for (const [name, value] of Object.entries(told)) {
      this.form.elements[name].value = value;
    }
    this.note("answer");
  }

  get answer() {
    const hidden = [...this.form.querySelectorAll('input[type="hidden"]')];
    const told = hidden.filter(({ name }) => name !== "csrfmiddlewaretoken");
    return Object.fromEntries(
      [...told.map(({ name }) => name), ...this.answers].map((name) => [
        name,
        this.form.elements[name].value,
      ]),
    );
  }

  /** Take up an answer that an earlier page could not deliver. */
  restore(answer) {
    this.unlocked = true;
    for (const [name, text] of Object.entries(answer)) {
      this.form.elements[name].value = text;
    }
    this.send();
  }

  /** Send the answer as it stands. */
  send() {
    this.hold(false);
    this.review();
    this.form.requestSubmit(this.next);
  }

  /** While an answer is on its way it can not be changed. */
  hold(held) {
    this.held = held;
    this.form.querySelector("fieldset").inert = held;
    this.next.disabled = held;
    if (held) this.pause();
  }

  refused(message) {
    this.part("refused-text").textContent = message;
    this.part("refused").hidden = false;
    this.part("refused").focus();
  }

  dispose() {
    this.player?.dispose();
  }
}
