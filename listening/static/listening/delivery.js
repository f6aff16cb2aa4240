/* The way of an answer to the server. It is kept on this device before it is sent, and
   sent until the server has said that it has it; the chip says how far it is. While an
   answer waits the rater stays at its pair: the server alone knows which is next. */

import { words } from "./words.js";

const RETRY_S = [1, 2, 4, 8, 15, 30];

export class Delivery {
  #outbox;
  #chip = document.getElementById("chip");
  #timer = 0;
  attempts = 0;

  constructor(outbox) {
    this.#outbox = outbox;
  }

  get waits() {
    return this.#outbox.answer !== null;
  }

  /** Keep the answer of `page`; the same answer is written down once. */
  async leave(page) {
    clearTimeout(this.#timer);
    page.hold(true);
    this.#tell(words.saving, "saving");
    if (this.#outbox.answer?.position !== page.answer.position) {
      page.fill();
      await this.#outbox.put(page.answer);
    }
  }

  arrive() {
    this.attempts = 0;
    this.#outbox.clear();
    this.#tell(words.saved, "saved");
  }

  fail(page) {
    page.hold(true);
    this.#tell(words.offline, "offline");
    if (this.attempts === 0) page.note("offline");
    const wait = RETRY_S[Math.min(this.attempts, RETRY_S.length - 1)];
    this.attempts += 1;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.again(page), 1000 * wait);
  }

  again(page) {
    clearTimeout(this.#timer);
    page.send();
  }

  refuse(page, status) {
    if (status !== 403) this.#outbox.clear(); // 403: the form is out of date, not the answer
    page.hold(true);
    this.#tell(words.not_saved, "offline");
    page.refused(status === 410 ? words.closed : words.out_of_date);
  }

  /** Take up what an earlier page could not deliver, if it belongs to this pair. */
  resume(page) {
    const waiting = this.#outbox.answer;
    if (waiting?.position === page.answer.position) page.restore(waiting);
    else this.#outbox.clear(); // the server went on, so it has the answer
  }

  #tell(text, state) {
    this.#chip.textContent = text;
    this.#chip.dataset.state = state;
    this.#chip.hidden = false;
  }
}
