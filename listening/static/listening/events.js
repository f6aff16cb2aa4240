/* What happens while somebody listens, told to the server in batches.

   Nothing waits for it and nothing is lost if it fails but the telling: what the analysis
   needs travels with the answer itself. A batch that got no reply is sent again as it
   was; the server keeps each event once, by the page's mark and the event's number. */

const EVERY_MS = 30_000; // and with each answer
const MOST = 100; // events in a batch

export class EventLog {
  #address;
  #token;
  #page = mark();
  #number = 0;
  #waiting = [];
  #sending = false;

  constructor(address, token) {
    this.#address = address;
    this.#token = token;
    setInterval(() => this.send(), EVERY_MS);
    addEventListener("pagehide", () => this.send({ last: true }));
  }

  /** Note an event: `trial` is a position, times are in seconds. */
  note(kind, { trial, at_s, audio_s, position_s, member }) {
    const event = { n: this.#number++, trial, kind, at_s: round(at_s) };
    if (audio_s !== undefined) event.audio_s = round(audio_s);
    if (position_s !== undefined) event.position_s = round(position_s);
    if (member) event.member = member;
    this.#waiting.push(event);
    if (this.#waiting.length >= MOST) this.send();
  }

  #drop(upTo) {
    this.#waiting = this.#waiting.filter(({ n }) => n > upTo);
  }

  async send({ last = false } = {}) {
    if (this.#waiting.length === 0 || (this.#sending && !last)) return;
    this.#sending = true;
    const batch = this.#waiting.slice(0, MOST);
    const body = new FormData();
    body.set("csrfmiddlewaretoken", this.#token);
    body.set("page", this.#page);
    body.set("events", JSON.stringify(batch));
    try {
      const reply = await fetch(this.#address, { method: "POST", body, keepalive: last });
      // What the server refuses it would refuse again
      if (reply.status < 500) this.#drop(batch.at(-1).n);
    } catch {
      // Offline: the same batch goes with the next attempt.
    } finally {
      this.#sending = false;
    }
  }
}

function round(seconds) {
  return Math.max(0, Math.round(seconds * 1000) / 1000);
}

/** Return a fresh UUID; crypto.randomUUID is there in secure contexts only. */
function mark() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
