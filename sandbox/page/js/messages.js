// The message list of a channel, a direct message or a thread.
import { post } from "./api.js";
import { avatar } from "./avatar.js";
import { blocksNode } from "./blocks.js";
import { clearTrouble, confirmed, showTrouble } from "./dialogs.js";
import { h, reconcile } from "./dom.js";
import { icon } from "./emoji.js";
import { mrkdwn } from "./mrkdwn.js";
import { nameOf, person, state } from "./state.js";
import { clockTime, dayKey, dayName, fullTime, millis } from "./time.js";

const GROUP_WITHIN = 5 * 60_000;

export function showMessages(list, channel, messages, { inThread = false, openThread = null } = {}) {
  const rows = [];
  messages.forEach((message, n) => {
    const before = messages[n - 1];
    const newDay = !before || dayKey(millis(before.ts)) !== dayKey(millis(message.ts));
    if (newDay && !inThread) rows.push({ key: `day-${dayKey(millis(message.ts))}`, data: { day: message.ts } });
    rows.push({ key: message.ts, data: { message, compact: !newDay && follows(before, message), people: nameOf(message.user) } });
  });
  stayAtEnd(list);
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  reconcile(list, rows, ({ data }) => (data.day ? daySeparator(data.day) : messageNode(channel, data, { inThread, openThread })));
  if (atEnd || state.followEnd || !list.dataset.seen) list.scrollTop = list.scrollHeight;
  list.dataset.seen = "yes";
  state.followEnd = false;
}

// When the pane gets smaller (a panel opens, a chart is redrawn) whoever read the end keeps reading the end.
function stayAtEnd(list) {
  if (list.pinned !== undefined) return;
  list.pinned = true;
  list.addEventListener("scroll", () => { list.pinned = list.scrollHeight - list.scrollTop - list.clientHeight < 80; });
  new ResizeObserver(() => { if (list.pinned) list.scrollTop = list.scrollHeight; }).observe(list);
}

function follows(before, message) {
  return before && before.user === message.user && before.ephemeral === message.ephemeral && !before.reply_count
    && !message.ephemeral && millis(message.ts) - millis(before.ts) < GROUP_WITHIN;
}

function daySeparator(ts) {
  return h("div", { class: "day", role: "separator" }, h("span", {}, dayName(millis(ts))));
}

function messageNode(channel, { message, compact }, options) {
  const who = person(message.user);
  const isApp = Boolean(message.bot_id);
  const time = h("time", { class: "time", title: fullTime(millis(message.ts)), datetime: new Date(millis(message.ts)).toISOString() }, clockTime(millis(message.ts)));
  const head = compact ? null : h("div", { class: "message-head" },
    h("span", { class: "name" }, who ? who.real_name : message.user), isApp ? h("span", { class: "badge" }, "APP") : null, time);
  return h("article", {
    class: `message${compact ? " compact" : ""}${message.ephemeral ? " ephemeral" : ""}`, "aria-label": `${nameOf(message.user)} at ${clockTime(millis(message.ts))}`,
    dataset: { testid: "message", ts: message.ts, ephemeral: message.ephemeral ? "yes" : "no" },
  }, message.ephemeral ? onlyYou() : null,
  h("div", { class: "message-row" }, compact ? h("span", { class: "gutter" }, time) : avatar(message.user),
    h("div", { class: "message-body" }, head, content(channel, message), files(message), lacksText(message), threadBar(message, options), dismiss(channel, message))),
  toolbar(message, options));
}

function onlyYou() {
  return h("div", { class: "only-you", dataset: { testid: "only-visible-to-you" } }, icon("👁"), " Only visible to you");
}

function content(channel, message) {
  const edited = message.edited ? h("span", { class: "edited" }, " (edited)") : null;
  if (!message.blocks) return h("div", { class: "text" }, mrkdwn(message.text), edited);
  return [blocksNode(messageContext(channel, message), message.blocks), edited];
}

function messageContext(channel, message) {
  return {
    surface: "message",
    prefix: `m-${message.ts}`,
    valueOf: (_block, element) => initialOf(element),
    async act(block, element, value, node) {
      clearTrouble(node);
      if (!(await confirmed(element.confirm))) return;
      node.setAttribute("aria-busy", "true");
      const answer = await post("clicks", { channel, ts: message.ts, block_id: block.block_id, action_id: element.action_id, value });
      node.removeAttribute("aria-busy");
      if (!answer.ok) showTrouble(node, answer.shown || answer.error);
    },
  };
}

export function initialOf(element) {
  const found = Object.entries(element).filter(([key]) => key.startsWith("initial_"));
  return Object.fromEntries(found.map(([key, value]) => [key === "initial_value" ? "value" : key.replace("initial_", "selected_"), value]));
}

function files(message) {
  return (message.files || []).map((file) => h("div", { class: "file", dataset: { testid: "file" } },
    h("span", { class: "file-icon", "aria-hidden": "true" }, file.pretty_type.slice(0, 4)),
    h("div", { class: "file-text" }, h("div", { class: "file-name" }, file.title), h("div", { class: "file-kind" }, `${file.pretty_type} · ${size(file.size)}`)),
    h("a", { class: "button small", href: `/_sandbox/files/${file.id}?as=${state.as}`, download: file.name, "aria-label": `Download ${file.title}`, dataset: { testid: "download" } }, "Download")));
}

const size = (bytes) => (bytes < 1024 ? `${bytes} B` : `${(bytes / 1024).toFixed(1)} kB`);

function lacksText(message) {
  if (!message.lacks_text) return null;
  return h("div", { class: "lint", dataset: { testid: "lacks-text" } }, "⚠ No top-level text: notifications and screen readers say nothing about this message.");
}

function threadBar(message, { inThread, openThread }) {
  if (inThread || !message.reply_count) return null;
  return h("button", { type: "button", class: "thread-bar", dataset: { testid: "open-thread" }, onclick: () => openThread(message.ts) },
    message.reply_users.slice(0, 4).map((one) => avatar(one, "tiny")), h("span", {}, `${message.reply_count} ${message.reply_count === 1 ? "reply" : "replies"}`));
}

function dismiss(channel, message) {
  if (!message.ephemeral) return null;
  return h("button", { type: "button", class: "link-button", dataset: { testid: "dismiss" }, onclick: () => post("dismissals", { channel, ts: message.ts }) }, "Dismiss message");
}

function toolbar(message, { inThread, openThread }) {
  if (inThread || message.ephemeral || message.thread_ts !== undefined && message.thread_ts !== message.ts) return null;
  return h("div", { class: "toolbar" }, h("button", { type: "button", class: "button icon", "aria-label": "Reply in thread", title: "Reply in thread", dataset: { testid: "reply-in-thread" }, onclick: () => openThread(message.ts) }, icon("💬")));
}
