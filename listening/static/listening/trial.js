/* The page of trials: keys, and the life of a trial. The server alone knows which trial is
   next; htmx fetches it with the acknowledgement of an answer and swaps #trial. */

import { Delivery } from "./delivery.js";
import { EventLog } from "./events.js";
import { Outbox } from "./outbox.js";
import { SlidersPage } from "./sliders.js";
import { TrialPage } from "./trial-page.js";

const place = document.getElementById("chip").dataset;
const token = document.querySelector('input[name="csrfmiddlewaretoken"]').value;
const outbox = new Outbox(location.pathname);
const delivery = new Delivery(outbox);
const log = new EventLog(place.events, token);
let page = null;

/* ---- the way of an answer, as htmx tells of it ---- */

const mine = (event) => page !== null && event.detail.elt === page.form;

document.addEventListener("htmx:confirm", async (event) => {
  if (!mine(event)) return;
  event.preventDefault(); // it goes on once the answer is kept
  await delivery.leave(page);
  event.detail.issueRequest(true);
});
document.addEventListener("htmx:configRequest", (event) => {
  if (mine(event)) Object.assign(event.detail.parameters, page.answer);
});
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { status } = event.detail.xhr;
  if (!mine(event) || (status >= 400 && status !== 422)) return;
  delivery.arrive();
  log.send();
});
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status !== 422) return; // the page says what is wrong
  event.detail.shouldSwap = true;
  event.detail.isError = false;
});
document.addEventListener("htmx:responseError", (event) => {
  if (!mine(event)) return;
  const { status } = event.detail.xhr;
  if (status >= 500 || status === 429) delivery.fail(page);
  else delivery.refuse(page, status);
});
for (const name of ["htmx:sendError", "htmx:timeout", "htmx:sendAbort"]) {
  document.addEventListener(name, (event) => {
    if (mine(event)) delivery.fail(page);
  });
}
addEventListener("online", () => {
  if (delivery.attempts > 0 && delivery.waits) delivery.again(page);
});
addEventListener("beforeunload", (event) => {
  if (delivery.waits) event.preventDefault();
});

/* ---- keys ---- */

const ACTIONS = {
  " ": () => page.toggle(),
  Enter: () => page.submit(),
};

const WRITES = 'input:not([type="radio"], [type="range"]), textarea, select';
const OWN_KEYS = {
  " ": 'button, a, summary, input[type="radio"]:not(:checked)',
  Enter: 'button, a, summary, input:not([type="range"])',
};

function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (page === null || event.target.matches(WRITES)) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (OWN_KEYS[key] && event.target.matches(OWN_KEYS[key])) return;
  if (page.held) return;
  const done = ACTIONS[key]
    ? (ACTIONS[key](), true)
    : page.playNamed(key) || page.choose(key);
  if (done) event.preventDefault();
}

document.addEventListener("keydown", press);

/* ---- leaving, and other headphones ---- */

document.addEventListener("visibilitychange", () => {
  page?.attend(document.hidden ? "hidden" : "visible");
});
for (const kind of ["blur", "focus"]) {
  addEventListener(kind, () => page?.attend(kind));
}
navigator.mediaDevices?.addEventListener("devicechange", () =>
  page?.deviceChanged("device"),
);
document.addEventListener("earshot:interrupted", () =>
  page?.deviceChanged("interrupted"),
);

/* ---- life of a trial ---- */

function begin(section) {
  page?.dispose();
  const first = page === null;
  const Page = section.hasAttribute("data-together") ? SlidersPage : TrialPage;
  page = new Page(section, log);
  page.load();
  delivery.resume(page);
  if (!first) section.querySelector("[data-question]").focus();
}

function find() {
  const section = document.getElementById("trial");
  if (section !== null && section !== page?.section) begin(section);
}

async function open() {
  await outbox.recall();
  find();
  document.addEventListener("htmx:afterSettle", find);
}

document.addEventListener("DOMContentLoaded", open); // after htmx has taken up its work
