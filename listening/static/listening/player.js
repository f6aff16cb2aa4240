/* Sounds in step, two or more: all always run, one is heard.

   source ─ envelope ─┐                    An envelope opens when a run of all begins and
                      member gain ─ master  closes when it ends (play, pause, seek); the
   source ─ envelope ─┘                    member gains say which of them is heard.

   Every change takes the time on the audio clock at which it happens, so that the same
   graph can be rendered ahead of time in an OfflineAudioContext. Nothing is ever
   disconnected while it sounds, and no gain is ever set while it can be heard: each
   change is an equal-power curve, and one that comes during another waits for its end. */

export const FADE_S = 0.015;
export const EDGE_S = 0.005; // the ends of the loop are faded, whatever the material
export const GAP_S = 0.25; // silence before the loop begins again
const LEAD_S = 0.02; // from now to a start, so that both sources make it
const POINTS = 129;

const RISE = Float32Array.from({ length: POINTS }, (_, n) =>
  Math.sin((Math.PI / 2) * (n / (POINTS - 1))),
);
RISE[POINTS - 1] = 1;

/* How one member gives way to another: at once, by curves of equal power; or one after the
   other, by raised cosines, as ITU-R BS.1534-3 (5.3) has it, which wants no cross-fade. */
export const CROSSING = shape(RISE, FADE_S, 0);
export const APART = shape(
  RISE.map((gain) => gain ** 2),
  0.005,
  0.006,
);

/** `later`: by how many seconds the next member begins after the last one begins to go. */
function shape(rise, seconds, later) {
  return { rise, fall: Float32Array.from(rise).reverse(), seconds, later };
}

/** Return a copy of `buffer` that can be looped: faded at both ends, then silence. */
export function loopable(context, buffer) {
  const rate = buffer.sampleRate;
  const gap = Math.round(GAP_S * rate);
  const edge = Math.min(Math.round(EDGE_S * rate), Math.floor(buffer.length / 2));
  const loop = context.createBuffer(
    buffer.numberOfChannels,
    buffer.length + gap,
    rate,
  );
  for (let channel = 0; channel < buffer.numberOfChannels; channel++) {
    const samples = Float32Array.from(buffer.getChannelData(channel));
    for (let n = 0; n < edge; n++) {
      samples[n] *= n / edge;
      samples[samples.length - 1 - n] *= n / edge;
    }
    loop.copyToChannel(samples, channel);
  }
  return loop;
}

/** A gain that goes between 0 and 1 by curves that never overlap. */
class Fader {
  constructor(context, value, destination, shape = CROSSING) {
    this.shape = shape;
    this.node = new GainNode(context, { gain: value });
    this.node.connect(destination);
    this.value = value;
    this.free = 0; // when the last curve has ended
  }

  /** Begin a curve to `value` at `at` or as soon as the gain is free; return when. */
  fade(value, at) {
    const start = Math.max(at, this.free);
    if (value === this.value) return start;
    this.node.gain.setValueAtTime(this.value, start);
    const { rise, fall, seconds } = this.shape;
    this.node.gain.setValueCurveAtTime(value ? rise : fall, start, seconds);
    this.value = value;
    this.free = start + seconds + 0.001; // curves must not touch, even when rounded
    return start;
  }

  /** Set the gain at once; only for when nothing can be heard. */
  jump(value, at) {
    const start = Math.max(at, this.free);
    if (value !== this.value) this.node.gain.setValueAtTime(value, start);
    this.value = value;
    this.free = start;
  }
}

export class Player {
  #context;
  #buffers;
  #members;
  #later;
  #run = null; // { sources, envelopes, start, offset }
  #silent = 0; // when the last run has faded out
  #position = 0; // where the loop stands while nothing plays, in seconds
  #heard;
  #since = 0; // when the current member began to be heard

  /** `buffers`: AudioBuffers of one length; `switching`: CROSSING or APART. */
  constructor(
    context,
    buffers,
    { destination = context.destination, switching = CROSSING } = {},
  ) {
    if (buffers.some(({ length }) => length !== buffers[0].length)) {
      throw new Error("The sounds differ in length.");
    }
    this.#context = context;
    this.clip = buffers[0].duration; // seconds without the silence
    this.#buffers = buffers.map((buffer) => loopable(context, buffer));
    this.master = new GainNode(context);
    this.master.connect(destination);
    this.#members = buffers.map(
      (_, n) => new Fader(context, n === 0 ? 1 : 0, this.master, switching),
    );
    this.#later = switching.later;
    this.#heard = buffers.map(() => 0);
    this.member = 0;
    this.switches = 0;
  }

  get playing() {
    return this.#run !== null;
  }

  /** Seconds of one turn of the loop, silence included. */
  get duration() {
    return this.#buffers[0].duration;
  }

  /** Let `member`, from 0, be heard: begin, or switch if the sounds play already. */
  play(member, at = this.#soon()) {
    if (this.playing) {
      this.#switch(member, at);
      return;
    }
    const start = this.#whole(Math.max(at, this.#silent));
    this.#members.forEach((fader, n) => fader.jump(n === member ? 1 : 0, start));
    this.member = member;
    this.#since = start;
    this.#begin(this.#position, start);
  }

  #switch(member, at) {
    if (member === this.member) return;
    const free = Math.max(at, ...this.#members.map((fader) => fader.free));
    this.#members.forEach((fader, n) =>
      n === member ? fader.fade(1, free + this.#later) : fader.fade(0, free),
    );
    this.#count(free);
    this.member = member;
    this.switches += 1;
  }

  pause(at = this.#soon()) {
    if (!this.playing) return;
    this.#position = this.position(at);
    this.#count(at);
    this.#end(at);
  }

  /** Go to `position` seconds; what plays goes on from there. */
  seek(position, at = this.#soon()) {
    const whole = this.#whole(position % this.duration);
    if (!this.playing) {
      this.#position = whole;
      return;
    }
    this.#begin(whole, this.#whole(this.#end(at)));
  }

  /** Where the loop stands, in seconds. */
  position(at = this.#context.currentTime) {
    if (!this.playing) return this.#position;
    const { start, offset } = this.#run;
    return (offset + Math.max(0, at - start)) % this.duration;
  }

  /** For how many seconds `member` was audible, by the audio clock. */
  heard(member, at = this.#context.currentTime) {
    const running = this.playing && member === this.member;
    return this.#heard[member] + (running ? Math.max(0, at - this.#since) : 0);
  }

  /** Fade out for good. */
  dispose() {
    this.pause();
  }

  #count(at) {
    this.#heard[this.member] += Math.max(0, at - this.#since);
    this.#since = at;
  }

  #begin(offset, start) {
    const envelopes = this.#members.map(
      (fader) => new Fader(this.#context, 0, fader.node),
    );
    const sources = this.#buffers.map((buffer, n) => {
      const source = new AudioBufferSourceNode(this.#context, { buffer, loop: true });
      source.connect(envelopes[n].node);
      source.start(start, offset);
      return source;
    });
    envelopes.forEach((envelope) => envelope.fade(1, start));
    this.#run = { sources, envelopes, start, offset };
  }

  /** Fade the run out from `at` on, and return when that begins. */
  #end(at) {
    const { sources, envelopes } = this.#run;
    const start = Math.max(at, envelopes[0].free);
    envelopes.forEach((envelope) => envelope.fade(0, start));
    this.#silent = start + FADE_S;
    sources.forEach((source) => source.stop(this.#silent + LEAD_S));
    sources.at(-1).onended = () => envelopes.forEach(({ node }) => node.disconnect());
    this.#run = null;
    return start;
  }

  #soon() {
    return this.#context.currentTime + LEAD_S;
  }

  /** Round to whole samples, so that nothing is interpolated. */
  #whole(seconds) {
    const rate = this.#context.sampleRate;
    return Math.round(seconds * rate) / rate;
  }
}
