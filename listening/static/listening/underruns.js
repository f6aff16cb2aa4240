/* Times the sound faltered.

   The browser counts them itself where it has `AudioContext.playbackStats`. Elsewhere the
   audio clock tells: while the context runs it keeps pace with the computer's clock, and
   each time that it falls behind for good something was not played in time. */

const BEHIND_S = 0.06; // more than the audio clock's own steps

export class UnderrunCounter {
  #context;
  #before = 0; // counted by the browser before this trial
  #lead = null; // the least by which the audio clock was behind since it last fell back
  count = 0;

  constructor(context) {
    this.#context = context;
    this.#before = context.playbackStats?.underrunEvents ?? 0;
  }

  /** Look at both clocks; to be called often while something plays. Returns whether the
      sound faltered since the last look. */
  look(now_s = performance.now() / 1000) {
    const before = this.count;
    const stats = this.#context.playbackStats;
    if (stats?.underrunEvents !== undefined) {
      this.count = stats.underrunEvents - this.#before;
    } else {
      const lag = now_s - this.#context.currentTime;
      if (this.#lead === null) this.#lead = lag;
      if (lag > this.#lead + BEHIND_S) {
        this.count += 1;
        this.#lead = lag;
      }
      this.#lead = Math.min(this.#lead, lag);
    }
    return this.count > before;
  }

  /** Forget how the clocks stood: the context was stopped, or starts. */
  rest() {
    this.#lead = null;
  }
}
