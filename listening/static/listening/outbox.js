/* The answer that is on its way: kept on this device until the server has it.

   A session has at most one, since the next pair comes with the acknowledgement. */

export class Outbox {
  constructor(address) {
    this.name = `earshot:${address}`;
  }

  get answer() {
    try {
      return JSON.parse(localStorage.getItem(this.name));
    } catch {
      return null; // storage is switched off or holds nonsense
    }
  }

  put(answer) {
    try {
      localStorage.setItem(this.name, JSON.stringify(answer));
    } catch {
      // Without storage the answer still is on the page, which goes on trying.
    }
  }

  clear() {
    try {
      localStorage.removeItem(this.name);
    } catch {
      // see above
    }
  }
}
