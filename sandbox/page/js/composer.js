// The message field: plain messages, slash commands with suggestions, and Slack's own /invite.
import { patch, post } from "./api.js";
import { announce, h } from "./dom.js";
import { state } from "./state.js";

const BUILT_IN = [{ command: "/invite", description: "Add the app to this channel", usage_hint: "@app" }];

export function composer({ channel, placeholder, thread = "", id = "composer-text" }) {
  const field = h("textarea", { id, class: "composer-text", rows: "1", placeholder, "aria-label": placeholder, autocomplete: "off",
    "aria-controls": `${id}-commands`, "aria-autocomplete": "list", dataset: { testid: thread ? "thread-composer" : "composer" } });
  const menu = h("div", { id: `${id}-commands`, class: "suggestions", role: "listbox", "aria-label": "Commands", hidden: true, dataset: { testid: "suggestions" } });
  const send = h("button", { type: "submit", class: "send", "aria-label": "Send", disabled: true, dataset: { testid: "send" } }, "➤");
  const notice = h("div", { class: "composer-notice", role: "status" });
  let picked = 0;

  function matches() {
    const found = field.value.match(/^\/[\w-]*$/);
    return found && !thread ? [...state.session.app.commands, ...BUILT_IN].filter((one) => one.command.startsWith(field.value)) : [];
  }

  function refresh() {
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight, 200)}px`;
    send.disabled = !field.value.trim();
    const rows = matches();
    picked = Math.min(picked, Math.max(0, rows.length - 1));
    menu.hidden = rows.length === 0;
    menu.replaceChildren(...rows.map((one, n) => h("div", { role: "option", id: `${id}-option-${n}`, "aria-selected": String(n === picked), class: n === picked ? "picked" : "", onmousedown: (event) => { event.preventDefault(); choose(one); } },
      h("strong", {}, one.command), one.usage_hint ? ` ${one.usage_hint}` : "", h("span", { class: "description" }, one.description), h("span", { class: "owner" }, BUILT_IN.includes(one) ? "Slack" : state.session.app.name))));
    if (rows.length) field.setAttribute("aria-activedescendant", `${id}-option-${picked}`);
    else field.removeAttribute("aria-activedescendant");
  }

  function choose(one) {
    field.value = `${one.command} `;
    refresh();
    field.focus();
  }

  async function submit() {
    const text = field.value.trim();
    if (!text) return;
    field.value = "";
    state.followEnd = true;
    refresh();
    const answer = await dispatch(channel, text, thread);
    notice.textContent = answer.ok ? "" : answer.shown || answer.error;
    if (!answer.ok) announce(notice.textContent);
  }

  field.addEventListener("input", refresh);
  field.addEventListener("keydown", (event) => {
    const rows = matches();
    const exact = rows.length === 1 && rows[0].command === field.value;
    if (rows.length && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      picked = (picked + (event.key === "ArrowDown" ? 1 : rows.length - 1)) % rows.length;
      refresh();
    } else if (rows.length && (event.key === "Tab" || (event.key === "Enter" && !exact))) choose(rows[picked]);
    else if (event.key === "Escape" && !menu.hidden) menu.hidden = true;
    else if (event.key === "Enter" && !event.shiftKey) submit();
    else return;
    event.preventDefault();
  });

  return h("form", { class: "composer", onsubmit: (event) => { event.preventDefault(); submit(); } }, menu,
    h("div", { class: "composer-box" }, field, h("div", { class: "composer-foot" }, h("span", { class: "composer-hint" }, thread ? "Enter sends" : "Enter sends · / for commands"), send)), notice);
}

async function dispatch(channel, text, thread) {
  if (/^\/invite\b/.test(text)) return patch("channels", { channel, add: ["app"] });
  if (text.startsWith("/") && !thread) return post("commands", { channel, text });
  return post("posts", { channel, text, thread });
}
