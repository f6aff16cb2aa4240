/* The way of an answer to the server. It is kept on this device before it is sent, and
   sent until the server has said that it has it; the chip says how far it is. While an
   answer waits the rater stays at its pair: the server alone knows which is next. */

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
    this.#tell("Saving…", "saving");
    if (this.#outbox.answer?.position !== page.answer.position) {
      page.fill();
      await this.#outbox.put(page.answer);
    }
  }

  arrive() {
    this.attempts = 0;
    this.#outbox.clear();
    this.#tell("Saved", "saved");
  }

  fail(page) {
    page.hold(true);
    this.#tell("Offline, kept on this device", "offline");
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
    this.#tell("Not saved", "offline");
    page.refused(
      status === 410
        ? "This study was closed while you were listening. Thank you for your time."
        : "This page is out of date. Please load it again: no answer is lost.",
    );
  }

  /** Take up what an earlier page could not deliver, if it belongs to this pair. */
  resume(page) {
    const waiting = this.#outbox.answer;
    if (waiting?.position === page.answer.position) page.restore(waiting);
    else this.#outbox.clear(); // the server went on, so it has the answer
  }

  #tell(words, state) {
    this.#chip.textContent = words;
    this.#chip.dataset.state = state;
    this.#chip.hidden = false;
  }
}
