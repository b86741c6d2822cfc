// Ties the parts together: where we are, what is on screen, and what to ask for again when something changed.
import { activity, refreshActivity } from "./activity.js";
import { get, listen, post } from "./api.js";
import { avatar } from "./avatar.js";
import { composer } from "./composer.js";
import { h } from "./dom.js";
import { refreshHome } from "./home.js";
import { showMessages } from "./messages.js";
import { hide, refreshModals } from "./modal.js";
import { showRail, showSidebar } from "./sidebar.js";
import { channelById, currentChannel, nameOf, state } from "./state.js";

const $ = (id) => document.getElementById(id);
const soon = new Map();

function later(name, work, wait = 25) {
  if (soon.has(name)) return;
  soon.set(name, setTimeout(() => { soon.delete(name); work(); }, wait));
}

async function loadSession() {
  state.session = await get("session");
  if (!state.session.ok) throw new Error(state.session.error);
  state.team = state.session.team.id;
  state.as = state.session.me.id;
  document.title = `${state.session.team.name} – Slack (sandbox)`;
  const known = state.place === "app" ? state.session.app.installed : channelById(state.place);
  if (!known) state.place = defaultPlace();
}

function defaultPlace() {
  const { channels } = state.session;
  return (channels.find((one) => one.name === "finance") || channels.find((one) => !one.is_im) || { id: "" }).id;
}

function goTo({ team, as, channel = "" }) {
  location.assign(`/w/${team}?${new URLSearchParams({ as, ...(channel && { channel }) })}`);
}

function remember() {
  const query = new URLSearchParams({ as: state.session.me.name, channel: state.place });
  history.replaceState(null, "", `/w/${state.session.team.domain}?${query}`);
}

function openPlace(place) {
  const wasApp = state.place === "app";
  state.place = place;
  state.thread = "";
  if (place === "app" && !wasApp) state.tab = state.session.app.home_tab ? "home" : "messages";
  document.body.classList.add("in-place");
  render();
  if (place === "app") tellOpened();
  $("main").focus({ preventScroll: true });
}

async function tellOpened() {
  await post("home", { tab: state.tab });
  if (!state.session.app.dm) await reload();
}

async function openTab(tab) {
  state.tab = tab;
  await tellOpened();
  render();
}

function render() {
  remember();
  state.unread.delete(currentChannel());
  showRail($("rail"), goTo);
  showSidebar($("sidebar"), { openPlace, switchPerson: (id) => goTo({ team: state.session.team.domain, as: id, channel: state.place === "app" ? "app" : state.place }) });
  renderMain();
  renderThread();
}

function renderMain() {
  const main = $("main");
  if (!state.place) return main.replaceChildren(h("p", { class: "nothing" }, "You are in no channel here."), activity());
  return state.place === "app" ? renderApp(main) : renderChannel(main, channelById(state.place));
}

function backButton() {
  return h("span", { class: "narrow" }, h("button", { type: "button", class: "button icon back", "aria-label": "Back to channels", onclick: () => document.body.classList.remove("in-place") }, "‹"), avatar(state.as, "tiny"), h("span", { class: "sr-only" }, `You are ${nameOf(state.as)}`));
}

function renderChannel(main, channel) {
  const isMember = state.session.channels.includes(channel);
  const title = channel.is_im ? nameOf(channel.user) : channel.name;
  const label = channel.is_im ? title : `#${title}`;
  const members = channel.members.length;
  main.replaceChildren(
    h("header", { class: "main-head" }, backButton(), h("h1", { dataset: { testid: "place-title" } }, channel.is_im ? title : [h("span", { class: "hash" }, "# "), title]),
      h("span", { class: "topic" }, channel.topic), channel.is_im ? null : h("span", { class: "members", title: "Members" }, `${members} members`)),
    list(channel.id, label), channel.is_archived || !isMember ? h("p", { class: "closed" }, isMember ? "This channel is archived." : "You are not in this channel.") : composer({ channel: channel.id, placeholder: `Message ${label}` }), activity());
  refreshMessages();
}

function list(channelId, label) {
  return h("div", { class: "messages", id: "messages", role: "log", "aria-label": `Messages in ${label}`, tabindex: "0", dataset: { channel: channelId, testid: "messages" } });
}

function renderApp(main) {
  const { app } = state.session;
  const tab = (name, label) => h("button", { type: "button", role: "tab", "aria-selected": String(state.tab === name), dataset: { testid: `tab:${name}` }, onclick: () => openTab(name) }, label);
  const tabs = h("div", { class: "tabs", role: "tablist" }, app.home_tab ? tab("home", "Home") : null, app.messages_tab ? tab("messages", "Messages") : null);
  const headline = h("header", { class: "main-head app-head" }, backButton(), h("h1", { dataset: { testid: "place-title" } }, app.name), h("span", { class: "badge" }, "APP"), h("span", { class: "topic" }, app.description));
  if (state.tab === "home") {
    main.replaceChildren(headline, tabs, h("div", { id: "home", class: "home", role: "tabpanel", "aria-label": "Home", dataset: { testid: "home" } }), activity());
    return refreshHome($("home"));
  }
  const write = app.messages_tab_read_only ? h("p", { class: "closed" }, "Sending messages to this app has been turned off.") : composer({ channel: "app", placeholder: `Message ${app.name}` });
  main.replaceChildren(headline, tabs, list(app.dm || "app", app.name), write, activity());
  return refreshMessages();
}

async function refreshMessages() {
  const box = $("messages");
  const channel = currentChannel() || "app";
  if (!box) return;
  const answer = await get("messages", { channel });
  if ($("messages") !== box) return;
  showMessages(box, channel, answer.messages || [], { openThread });
}

function openThread(ts) {
  state.thread = ts;
  renderThread();
}

function renderThread() {
  const pane = $("thread");
  pane.hidden = !state.thread;
  document.body.classList.toggle("in-thread", Boolean(state.thread));
  if (!state.thread) return pane.replaceChildren();
  const channel = currentChannel();
  pane.replaceChildren(h("header", { class: "main-head" }, h("h2", {}, "Thread"), h("button", { type: "button", class: "button icon close", "aria-label": "Close thread", dataset: { testid: "close-thread" }, onclick: () => openThread("") }, "✕")),
    h("div", { class: "messages", id: "replies", role: "log", "aria-label": "Replies" }), composer({ channel, thread: state.thread, placeholder: "Reply…", id: "thread-text" }));
  return refreshThread();
}

async function refreshThread() {
  if (!state.thread) return;
  const answer = await get("messages", { channel: currentChannel(), thread: state.thread });
  if ($("replies")) showMessages($("replies"), currentChannel(), answer.messages || [], { inThread: true });
}

async function reload() {
  await loadSession();
  render();
  await refreshModals();
}

function onMessage(event) {
  const channel = channelById(event.channel);
  if (!channel && event.channel) return later("reload", reload);
  if (event.viewer && event.viewer !== state.as) return undefined;
  if (event.channel === currentChannel()) {
    later("messages", refreshMessages);
    return later("thread", refreshThread);
  }
  if (event.posted) state.unread.add(event.channel);
  return later("sidebar", () => showSidebar($("sidebar"), { openPlace, switchPerson: (id) => goTo({ team: state.session.team.domain, as: id }) }));
}

function onEvent(event) {
  if (event.kind === "ledger") {
    state.ledger.push(event.entry);
    return later("ledger", () => refreshActivity(), 150);
  }
  if (event.kind === "reset" || event.kind === "settings" || event.kind === "team") return later("reload", reload);
  if (event.team !== state.team) return undefined;
  if (event.kind === "message") return onMessage(event);
  if (event.kind === "view" && event.user === state.as) {
    return later("view", () => { refreshModals(); if ($("home")) refreshHome($("home")); });
  }
  return ["install", "channel", "person"].includes(event.kind) ? later("reload", reload) : undefined;
}

async function start() {
  const asked = new URLSearchParams(location.search);
  state.team = location.pathname.startsWith("/w/") ? decodeURIComponent(location.pathname.slice(3)) : "";
  state.as = asked.get("as") || "owner";
  state.place = asked.get("channel") || "";
  await loadSession();
  const named = state.session.channels.find((one) => one.name === asked.get("channel"));
  if (named) state.place = named.id;
  state.tab = state.session.app.home_tab ? "home" : "messages";
  if (asked.get("tab")) state.tab = asked.get("tab");
  if (asked.get("channel") || window.self !== window.top) document.body.classList.add("in-place");
  hide();
  render();
  if (state.place === "app") tellOpened();
  await refreshModals();
  listen(onEvent);
}

start().catch((error) => $("main").replaceChildren(h("p", { class: "nothing", role: "alert" }, error.message)));
