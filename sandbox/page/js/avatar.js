// Rounded squares with initials; the app wears its own colour.
import { h } from "./dom.js";
import { person, state } from "./state.js";

const TINTS = ["#3d7a5f", "#8a4f7d", "#b4572f", "#356a9c", "#7a6a2f", "#994455", "#4d5f9e", "#2f7f86"];

export function avatar(id, size = "") {
  const who = person(id);
  const isApp = id === state.session.app.bot_user_id;
  const color = isApp ? state.session.app.color : TINTS[tint(id)];
  return h("span", { class: `avatar ${size} ${isApp ? "of-app" : ""}`, style: `background:${color}`, "aria-hidden": "true" }, initials(who ? who.real_name : "?"));
}

const tint = (id) => Math.max(0, state.session.people.findIndex((one) => one.id === id)) % TINTS.length;

function initials(name) {
  const words = name.split(" ").filter(Boolean);
  return (words.length > 1 ? words[0][0] + words.at(-1)[0] : name[0]).toUpperCase();
}
