/* Sounds by address: fetched once, decoded, and kept until they are due. */

const RATE_HZ = 48_000; // of the files: no browser resamples one member unlike another

const sounds = new Map(); // address -> promise of a decoded buffer
let context = null;

/** The page's one AudioContext; it says `earshot:interrupted` when a call comes in. */
export function audioContext() {
  if (context === null) {
    context = new AudioContext({ sampleRate: RATE_HZ, latencyHint: "interactive" });
    context.addEventListener("statechange", () => {
      if (context.state !== "interrupted") return;
      document.dispatchEvent(new Event("earshot:interrupted"));
    });
  }
  return context;
}

async function fetched(address) {
  const response = await fetch(address, { cache: "no-store" });
  if (!response.ok) throw new Error(`The sound did not come (${response.status}).`);
  const bytes = await response.arrayBuffer();
  return new OfflineAudioContext(1, 1, RATE_HZ).decodeAudioData(bytes);
}

function sound(address) {
  if (!sounds.has(address)) {
    const coming = fetched(address);
    coming.catch(() => sounds.delete(address)); // the next attempt fetches again
    sounds.set(address, coming);
  }
  return sounds.get(address);
}

/** Return a promise of the decoded buffers. */
export function together(addresses) {
  return Promise.all(addresses.map(sound));
}

/** Forget all sounds but those at `addresses`. */
export function keepOnly(addresses) {
  for (const address of sounds.keys()) {
    if (!addresses.includes(address)) sounds.delete(address);
  }
}
