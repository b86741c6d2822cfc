// Modals: the top of the person's stack of views, with inputs, field errors, and the keyboard.
import { get, post } from "./api.js";
import { blocksNode } from "./blocks.js";
import { clearTrouble, confirmed, showTrouble } from "./dialogs.js";
import { h } from "./dom.js";
import { plain } from "./mrkdwn.js";

let shown = null; // { view, dialog, fields, errors, trouble }

export async function refreshModals() {
  const { views } = await get("modals");
  const top = views.at(-1);
  if (!top) return hide();
  if (shown && shown.view.id === top.id && shown.view.hash === top.hash) return undefined;
  const kept = shown && shown.view.id === top.id ? collect(shown.fields) : {};
  return show(top, kept);
}

export function hide() {
  shown?.dialog.close(); // gives the focus back to what opened it
  shown?.dialog.remove();
  shown = null;
}

function show(view, kept, errors = {}, trouble = "") {
  const before = shown?.dialog.contains(document.activeElement) ? document.activeElement.dataset.focus : "";
  const fields = [];
  const ctx = context(view, fields, kept, errors);
  const body = h("div", { class: "modal-body" }, trouble ? h("div", { class: "alert error", role: "alert", dataset: { testid: "modal-trouble" } }, trouble) : null, blocksNode(ctx, view.blocks));
  const form = h("form", { class: "modal-form", novalidate: true, onsubmit: (event) => { event.preventDefault(); submit(); } }, head(view), body, foot(view));
  const dialog = shown?.dialog.isConnected ? shown.dialog : newDialog();
  dialog.setAttribute("aria-label", view.title.text);
  dialog.dataset.view = view.id;
  dialog.replaceChildren(form);
  shown = { view, dialog, fields, errors };
  if (!dialog.open) dialog.showModal();
  focusFirst(dialog, before, errors);
}

function newDialog() {
  const dialog = h("dialog", { class: "modal", dataset: { testid: "modal" } });
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    close();
  });
  document.body.append(dialog);
  return dialog;
}

function head(view) {
  return h("header", { class: "modal-head" }, h("h1", { dataset: { testid: "modal-title" } }, plain(view.title.text)),
    h("button", { type: "button", class: "button icon close", "aria-label": "Close", dataset: { testid: "modal-x" }, onclick: close }, "✕"));
}

function foot(view) {
  return h("footer", { class: "modal-foot" },
    h("button", { type: "button", class: "button", dataset: { testid: "modal-close" }, onclick: close }, view.close ? plain(view.close.text) : view.previous_view_id ? "Back" : view.submit ? "Cancel" : "Close"),
    view.submit ? h("button", { type: "submit", class: "button primary", dataset: { testid: "modal-submit" } }, plain(view.submit.text)) : null);
}

function context(view, fields, kept, errors) {
  return {
    surface: "modal", prefix: `v-${view.id}`, viewId: view.id, errors,
    valueOf: (block, element) => given(kept, block, element) ?? view.state.values[block.block_id]?.[element.action_id],
    register: (block, element, read) => fields.push({ block, element, read }),
    async act(block, element, value, node) {
      clearTrouble(node);
      if (!(await confirmed(element.confirm))) return;
      node.setAttribute("aria-busy", "true");
      const answer = await post("clicks", { view: view.id, block_id: block.block_id, action_id: element.action_id, value, values: collect(fields) });
      node.removeAttribute("aria-busy");
      if (!answer.ok) showTrouble(node, answer.shown || answer.error);
    },
  };
}

// What was typed survives an update of the view under the same ids, as in Slack.
function given(kept, block, element) {
  const value = kept[block.block_id]?.[element.action_id];
  if (value === undefined) return undefined;
  const options = [...(element.options || []), ...(element.option_groups || []).flatMap((one) => one.options)];
  const option = (one) => options.find((each) => each.value === one) || { value: one };
  if (Array.isArray(value)) return { selected_options: value.map(option), selected_users: value, selected_channels: value };
  if (value && options.length) return { selected_option: option(value) };
  return { value, selected_date: value, selected_time: value, selected_date_time: value, selected_user: value, selected_channel: value };
}

export function collect(fields) {
  const values = {};
  for (const { block, element, read } of fields) (values[block.block_id] ??= {})[element.action_id] = read();
  return values;
}

async function submit() {
  const { view, fields, dialog } = shown;
  dialog.setAttribute("aria-busy", "true");
  const values = collect(fields);
  const answer = await post("submissions", { view: view.id, values });
  dialog.removeAttribute("aria-busy");
  if (shown && !answer.ok) show(shown.view, values, answer.errors || {}, answer.errors ? "" : answer.shown || answer.error);
  else await refreshModals();
}

async function close() {
  const { view } = shown;
  hide();
  await post("closings", { view: view.id });
  await refreshModals();
}

function focusFirst(dialog, before, errors) {
  const failed = Object.keys(errors)[0];
  const wanted = failed ? dialog.querySelector(`[data-block-id="${CSS.escape(failed)}"] .input, [data-block-id="${CSS.escape(failed)}"] input`) : null;
  const same = before && [...dialog.querySelectorAll("[data-focus]")].find((one) => one.dataset.focus === before);
  const first = dialog.querySelector(".modal-body input, .modal-body textarea, .modal-body select, .modal-body button, .modal-body a");
  (wanted || same || first || dialog.querySelector(".modal-foot button")).focus();
}
