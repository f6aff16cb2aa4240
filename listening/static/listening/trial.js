/* The trial on the screen: buttons, keys and progress around the player, and the way of
   an answer to the server. The server alone knows which trial is next; htmx fetches it
   with the acknowledgement of an answer and swaps #trial. */

import { Outbox } from "./outbox.js";
import { Player } from "./player.js";
import { audioContext, keepOnly, pair } from "./sounds.js";

const RETRY_S = [1, 2, 4, 8, 15, 30];
const NAMES = ["A", "B"];

const chip = document.getElementById("chip");
const live = document.getElementById("live");
const outbox = new Outbox(location.pathname);
let page = null;

/* ---- one trial ---- */

class TrialPage {
  constructor(section) {
    this.section = section;
    this.form = section.querySelector("form");
    this.members = ["a", "b"].map((letter) => ({
      card: section.querySelector(`[data-member="${letter}"]`),
      button: section.querySelector(`[data-play="${letter}"]`),
      bar: section.querySelector(`[data-heard="${letter}"]`),
    }));
    this.pauseButton = section.querySelector("[data-pause]");
    this.slider = section.querySelector("[data-seek]");
    this.radios = [...this.form.querySelectorAll('input[name="value"]')];
    this.next = this.form.querySelector("[data-next]");
    this.hint = section.querySelector("[data-hint]");
    this.player = null;
    this.unlocked = false;
    this.arrived = performance.now();
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
    this.form.addEventListener("change", () => this.review());
    this.review();
  }

  /** Fetch the pair, then the next one while the rater listens. */
  async load() {
    this.part("sound-error").hidden = true;
    this.section.setAttribute("aria-busy", "true");
    const { a, b, nextA, nextB } = this.section.dataset;
    try {
      const buffers = await pair([a, b]);
      this.player = new Player(audioContext(), buffers);
      for (const { button } of this.members) button.disabled = false;
      this.slider.disabled = false;
    } catch {
      this.part("sound-error").hidden = false;
      say("The sound could not be loaded.");
      return;
    } finally {
      this.section.removeAttribute("aria-busy");
    }
    keepOnly([a, b, nextA, nextB]);
    if (nextA) pair([nextA, nextB]).catch(() => {}); // it is fetched again when due
  }

  /* -- listening -- */

  async play(member) {
    if (this.player === null) return;
    this.part("away").hidden = true;
    try {
      await audioContext().resume();
    } catch {
      this.part("sound-error").hidden = false;
      return;
    }
    this.player.play(member);
    this.listening(member);
    requestAnimationFrame(this.tick);
  }

  pause() {
    if (!this.player?.playing) return;
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

  away() {
    if (!this.player?.playing) return;
    this.pause();
    this.part("away").hidden = false;
  }

  /** Show which member is heard, null for none. */
  listening(member) {
    this.members.forEach(({ card, button }, n) => {
      card.classList.toggle("heard", n === member);
      button.setAttribute("aria-pressed", String(n === member));
    });
    this.pauseButton.disabled = member === null;
    say(member === null ? "Paused" : `Playing ${NAMES[member]}`);
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
    say("You can answer now");
  }

  /** Bring radio buttons and Next in line with what was heard and chosen. */
  review() {
    for (const radio of this.radios) radio.disabled = !this.unlocked;
    this.next.disabled = !this.radios.some((radio) => radio.checked);
    this.hint.hidden = this.unlocked;
  }

  choose(key) {
    const radio = this.radios.find((one) => one.dataset.key === key);
    if (radio === undefined) return false;
    if (this.unlocked) {
      radio.click();
      radio.focus();
    } else {
      say("Listen to both before you answer");
    }
    return true;
  }

  submit() {
    if (!this.next.disabled) this.form.requestSubmit(this.next);
  }

  /** Write down how the rater listened, once per answer. */
  fill() {
    const seconds = (value) => value.toFixed(3);
    const told = {
      listened_a_s: seconds(this.player?.heard(0) ?? 0),
      listened_b_s: seconds(this.player?.heard(1) ?? 0),
      switches: this.player?.switches ?? 0,
      response_time_s: seconds((performance.now() - this.arrived) / 1000),
    };
    for (const [name, value] of Object.entries(told)) {
      this.form.elements[name].value = value;
    }
  }

  get answer() {
    return Object.fromEntries(
      ["position", "key", "value", "listened_a_s", "listened_b_s", "switches",
        "response_time_s"].map((name) => [name, this.form.elements[name].value]),
    );
  }

  /** Take up an answer that an earlier page could not deliver. */
  restore(answer) {
    this.unlocked = true;
    this.review();
    const { value, ...hidden } = answer;
    for (const radio of this.radios) radio.checked = radio.value === value;
    for (const [name, text] of Object.entries(hidden)) {
      this.form.elements[name].value = text;
    }
    this.review();
    this.form.requestSubmit(this.next);
  }

  /** While an answer is on its way it can not be changed. */
  hold(held) {
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

/* ---- the way of an answer ---- */

const way = {
  attempts: 0,
  timer: 0,

  leave() {
    clearTimeout(this.timer);
    if (outbox.answer?.position !== page.answer.position) {
      page.fill();
      outbox.put(page.answer);
    }
    tell("Saving…", "saving");
  },

  arrive() {
    this.attempts = 0;
    outbox.clear();
    tell("Saved", "saved");
  },

  fail() {
    page.hold(true);
    tell("Offline, kept on this device", "offline");
    const wait = RETRY_S[Math.min(this.attempts, RETRY_S.length - 1)];
    this.attempts += 1;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.again(), 1000 * wait);
  },

  again() {
    clearTimeout(this.timer);
    page.hold(false);
    page.form.requestSubmit(page.next);
  },

  refuse(status) {
    if (status !== 403) outbox.clear(); // 403: the form is out of date, not the answer
    page.hold(true);
    tell("Not saved", "offline");
    page.refused(
      status === 410
        ? "This study was closed while you were listening. Thank you for your time."
        : "This page is out of date. Please load it again: no answer is lost.",
    );
  },
};

const mine = (event) => page !== null && event.detail.elt === page.form;

document.addEventListener("htmx:configRequest", (event) => {
  if (!mine(event)) return;
  way.leave();
  Object.assign(event.detail.parameters, page.answer);
});
document.addEventListener("htmx:beforeSend", (event) => {
  if (mine(event)) page.hold(true);
});
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { status } = event.detail.xhr;
  if (mine(event) && (status < 400 || status === 422)) way.arrive();
});
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status !== 422) return; // the page says what is wrong
  event.detail.shouldSwap = true;
  event.detail.isError = false;
});
document.addEventListener("htmx:responseError", (event) => {
  if (!mine(event)) return;
  const { status } = event.detail.xhr;
  if (status >= 500 || status === 429) way.fail();
  else way.refuse(status);
});
for (const name of ["htmx:sendError", "htmx:timeout", "htmx:sendAbort"]) {
  document.addEventListener(name, (event) => {
    if (mine(event)) way.fail();
  });
}
addEventListener("online", () => {
  if (way.attempts > 0 && outbox.answer !== null) way.again();
});
addEventListener("beforeunload", (event) => {
  if (outbox.answer !== null) event.preventDefault();
});

/* ---- keys ---- */

const ACTIONS = {
  a: () => page.play(0),
  b: () => page.play(1),
  " ": () => page.toggle(),
  Enter: () => page.submit(),
};

const WRITES = 'input:not([type="radio"], [type="range"]), textarea, select';
const OWN_KEYS = {
  " ": 'button, a, summary, input[type="radio"]:not(:checked)',
  Enter: "button, a, summary, input",
};

function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (page === null || event.target.matches(WRITES)) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (OWN_KEYS[key] && event.target.matches(OWN_KEYS[key])) return;
  if (page.form.querySelector("fieldset").inert) return;
  const done = ACTIONS[key] ? (ACTIONS[key](), true) : page.choose(key);
  if (done) event.preventDefault();
}

document.addEventListener("keydown", press);
document.addEventListener("visibilitychange", () => {
  if (document.hidden) page?.away();
});
navigator.mediaDevices?.addEventListener("devicechange", () => page?.away());
document.addEventListener("earshot:interrupted", () => page?.away());

/* ---- life of a trial ---- */

function say(words) {
  live.textContent = words;
}

function tell(words, state) {
  chip.textContent = words;
  chip.dataset.state = state;
  chip.hidden = false;
}

function begin(section) {
  page?.dispose();
  const first = page === null;
  page = new TrialPage(section);
  page.load();
  const waiting = outbox.answer;
  if (waiting?.position === page.answer.position) page.restore(waiting);
  else outbox.clear(); // the server went on, so it has the answer
  if (!first) section.querySelector("[data-question]").focus();
}

function find() {
  const section = document.getElementById("trial");
  if (section !== null && section !== page?.section) begin(section);
}

document.addEventListener("htmx:afterSettle", find);
document.addEventListener("DOMContentLoaded", find); // after htmx has taken up its work
