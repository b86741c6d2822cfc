// Workspaces on the left rail; channels, direct messages, the app and the person switcher beside it.
import { avatar } from "./avatar.js";
import { h } from "./dom.js";
import { nameOf, person, state } from "./state.js";

export function showRail(rail, goTo) {
  const { teams } = state.session;
  rail.replaceChildren(...teams.map((team) => h("button", {
    type: "button", class: `workspace${team.id === state.team ? " here" : ""}`, "aria-label": team.name, title: team.name,
    "aria-current": team.id === state.team ? "true" : undefined, dataset: { testid: `workspace:${team.domain}` },
    onclick: () => goTo({ team: team.domain, as: team.first_person }),
  }, initials(team.name))), h("a", { class: "workspace side", href: "/side", title: "Two people side by side", "aria-label": "Two people side by side" }, "◫"));
}

const initials = (name) => name.split(" ").filter((word) => /^\p{L}/u.test(word)).slice(0, 2).map((word) => word[0]).join("");

export function showSidebar(sidebar, { openPlace, switchPerson }) {
  const { session } = state;
  const channels = session.channels.filter((one) => !one.is_im);
  const directs = session.channels.filter((one) => one.is_im && one.user !== session.app.bot_user_id);
  sidebar.replaceChildren(
    h("div", { class: "team-name" }, h("h2", {}, session.team.name)),
    h("div", { class: "places" },
      section("Channels", channels.map((one) => place(one.id, h("span", { class: "hash", "aria-hidden": "true" }, one.is_ext_shared ? "◇" : one.is_private ? "🔒" : "#"), one.name + (one.is_archived ? " (archived)" : ""), openPlace))),
      directs.length ? section("Direct messages", directs.map((one) => place(one.id, avatar(one.user, "tiny"), nameOf(one.user), openPlace))) : null,
      section("Apps", [session.app.installed ? appPlace(openPlace) : addApp()])),
    personSwitcher(switchPerson));
}

function section(title, rows) {
  return h("section", {}, h("h3", {}, title), h("ul", {}, rows.map((one) => h("li", {}, one))));
}

function place(id, icon, label, openPlace) {
  const here = state.place === id;
  const unread = state.unread.has(id);
  return h("button", {
    type: "button", class: `place${here ? " here" : ""}${unread ? " unread" : ""}`, "aria-current": here ? "page" : undefined,
    dataset: { testid: `place:${label}` }, onclick: () => openPlace(id),
  }, icon, h("span", { class: "label" }, label), unread ? h("span", { class: "sr-only" }, " (unread)") : null);
}

function appPlace(openPlace) {
  const { app } = state.session;
  const here = state.place === "app";
  const unread = state.unread.has(app.dm);
  return h("button", { type: "button", class: `place${here ? " here" : ""}${unread ? " unread" : ""}`, "aria-current": here ? "page" : undefined, dataset: { testid: "place:app" }, onclick: () => openPlace("app") },
    avatar(app.bot_user_id, "tiny"), h("span", { class: "label" }, app.name), unread ? h("span", { class: "dot" }, h("span", { class: "sr-only" }, "unread")) : null);
}

function addApp() {
  const { app } = state.session;
  return h("a", { class: "place add", href: app.install_url, dataset: { testid: "add-to-slack" } }, h("span", { class: "hash", "aria-hidden": "true" }, "+"), h("span", { class: "label" }, `Add ${app.name} to Slack`));
}

function personSwitcher(switchPerson) {
  const me = person(state.as);
  const people = state.session.people.filter((one) => !one.is_bot);
  return h("label", { class: "me" }, avatar(me.id), h("span", { class: "me-text" }, h("span", { class: "me-name" }, me.real_name), h("span", { class: "me-role" }, `${me.role}${me.title ? ` · ${me.title}` : ""}`)),
    h("span", { class: "me-change", "aria-hidden": "true" }, "⇅"),
    h("select", { "aria-label": "Be another person", dataset: { testid: "person-switcher" }, onchange: (event) => switchPerson(event.target.value) },
      people.map((one) => h("option", { value: one.id, selected: one.id === me.id }, `${one.real_name} (${one.role})`))));
}
