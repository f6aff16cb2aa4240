/* The answer that is on its way: kept on this device until the server has it.

   A session has at most one, since the next pair comes with the acknowledgement. It lies
   in IndexedDB under the session's address, so that it outlasts a reload, a crash and a
   closed browser. Where a browser has no such storage (private windows of some) the page
   alone holds it, and goes on trying as long as it is open. */

const NAME = "earshot";
const STORE = "outbox";
const PATIENCE_MS = 2000; // some browsers never say that their storage does not work

function opened() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Reject what takes too long: an answer must not wait for a broken disk. */
function inTime(promise) {
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error("The storage does not answer.")), PATIENCE_MS);
    promise.then(resolve, reject);
  });
}

export class Outbox {
  #address;
  #database = null; // promise of it
  #broken = false;

  constructor(address) {
    this.#address = address;
    this.answer = null; // what waits, as far as this page knows
  }

  /** Look what an earlier page left behind; resolves to the answer or null. */
  async recall() {
    this.answer = (await this.#do("readonly", (store) => store.get(this.#address))) ?? null;
    return this.answer;
  }

  /** Keep `answer`; resolves to whether it would outlast this page. */
  async put(answer) {
    this.answer = answer;
    const key = await this.#do("readwrite", (store) => store.put(answer, this.#address));
    return key !== undefined;
  }

  async clear() {
    if (this.answer === null) return;
    this.answer = null;
    await this.#do("readwrite", (store) => store.delete(this.#address));
  }

  /** Do one thing in a transaction of its own; resolves when it is on the disk, to its
      result, or to undefined where there is no storage. */
  async #do(mode, work) {
    if (this.#broken) return undefined;
    try {
      this.#database ??= opened();
      return await inTime(this.#transact(mode, work));
    } catch {
      this.#broken = true; // and nobody waits for it again
      return undefined; // switched off, full or forbidden: the page still has it
    }
  }

  async #transact(mode, work) {
    const database = await this.#database;
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode, { durability: "strict" });
      const request = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  }
}
