// "What just happened": what crossed the wire, newest first, collapsed until asked for.
import { h } from "./dom.js";
import { state } from "./state.js";
import { clockTime } from "./time.js";

const SHOWN = 60;
const WORDS = { api: "App called", hook: "App used", upload: "App uploaded", command: "Sent command", interaction: "Sent click", event: "Sent event", raw: "Sent raw" };

export function activity() {
  const open = state.activityOpen || false;
  const node = h("details", { class: "activity", open, dataset: { testid: "activity" }, ontoggle: () => { state.activityOpen = node.open; } },
    h("summary", {}, h("span", {}, "What just happened"), h("span", { class: "last" })), h("ol", {}));
  refreshActivity(node);
  return node;
}

export function refreshActivity(node = document.querySelector(".activity")) {
  if (!node) return;
  const rows = state.ledger.filter((one) => !one.team_id || one.team_id === state.team).slice(-SHOWN).reverse();
  const last = rows[0];
  node.querySelector(".last").textContent = last ? sentence(last) : "";
  node.querySelector("ol").replaceChildren(...rows.map((one) => h("li", { class: one.ok ? "" : "failed" },
    h("time", {}, clockTime(one.at * 1000)), h("span", { class: `way ${one.kind}`, "aria-hidden": "true" }, incoming(one) ? "←" : "→"), h("span", {}, sentence(one)))));
}

const incoming = (one) => ["api", "hook", "upload"].includes(one.kind);

function sentence(one) {
  const retry = one.attempt ? `, retry ${one.attempt}` : "";
  const result = one.error || one.status;
  return `${WORDS[one.kind] || one.kind} ${one.name}${retry}: ${result} in ${one.latency_ms} ms`;
}
