// Select menus: one choice as a native select, several as a list of checkboxes, external ones with a search field.
import { post } from "./api.js";
import { connect } from "./connect.js";
import { h } from "./dom.js";
import { plainString as plain } from "./mrkdwn.js";
import { state } from "./state.js";

const marks = (block, element) => ({
  testid: `${element.type}:${element.action_id}`, actionId: element.action_id, blockId: block.block_id,
  focus: `${block.block_id}/${element.action_id}`,
});

function listChoices(element) {
  if (element.type.endsWith("users_select")) {
    return state.session.people.filter((one) => !one.is_bot && !one.deleted).map((one) => ({ value: one.id, label: one.real_name }));
  }
  if (element.type.endsWith("static_select")) {
    return (element.options || []).map((one) => ({ value: one.value, label: plain(one.text.text) }));
  }
  const rows = [...state.session.channels, ...(element.type.endsWith("channels_select") ? state.session.other_channels : [])];
  return rows.filter((one) => !one.is_im).map((one) => ({ value: one.id, label: `#${one.name}` }));
}

function selectedOf(known) {
  const { selected_option: option, selected_options: options } = known || {};
  if (option) return [option.value];
  if (options) return options.map((one) => one.value);
  const found = Object.entries(known || {}).find(([key, value]) => key.startsWith("selected_") && value);
  return found ? [found[1]].flat() : [];
}

export function picker(ctx, block, element, label) {
  const [chosen] = selectedOf(ctx.valueOf(block, element));
  const option = (one) => h("option", { value: one.value, selected: one.value === chosen }, one.label);
  const groups = (element.option_groups || []).map((group) => h("optgroup", { label: plain(group.label.text) },
    group.options.map((one) => option({ value: one.value, label: plain(one.text.text) }))));
  const placeholder = element.placeholder?.text || "Select an option";
  const node = h("select", { class: "input select", id: label, "aria-label": label ? undefined : placeholder, dataset: marks(block, element) },
    h("option", { value: "", selected: !chosen }, plain(placeholder)), listChoices(element).map(option), groups);
  return connect(ctx, block, element, node, () => node.value || null);
}

export function multi(ctx, block, element, label) {
  const chosen = new Set(selectedOf(ctx.valueOf(block, element)));
  const rows = [...listChoices(element), ...(element.option_groups || []).flatMap((group) => group.options.map((one) => ({ value: one.value, label: plain(one.text.text) })))];
  const boxes = rows.map((one) => h("input", { type: "checkbox", value: one.value, checked: chosen.has(one.value), dataset: { testid: `option:${one.value}` } }));
  const node = h("div", { class: "choices multi", role: "group", "aria-labelledby": label ? `${label}-label` : undefined, "aria-label": label ? undefined : element.placeholder?.text, dataset: marks(block, element) },
    rows.map((one, n) => h("label", { class: "choice" }, boxes[n], h("span", {}, one.label))));
  const most = element.max_selected_items || Infinity;
  node.addEventListener("change", () => {
    const full = boxes.filter((one) => one.checked).length >= most;
    boxes.forEach((one) => { one.disabled = full && !one.checked; });
  });
  return connect(ctx, block, element, node, () => boxes.filter((one) => one.checked).map((one) => one.value));
}

export function external(ctx, block, element, label) {
  let options = [];
  const list = h("select", { class: "input select", "aria-label": "Matches", dataset: { testid: `matches:${element.action_id}` } });
  const search = async () => {
    const answer = await post("suggestions", { view: ctx.viewId, action_id: element.action_id, value: box.value });
    options = answer.options || [];
    list.replaceChildren(h("option", { value: "" }, options.length ? "Select an option" : "No matches"), ...options.map((one) => h("option", { value: one.value }, plain(one.text.text))));
  };
  const box = h("input", { type: "search", class: "input", id: label, placeholder: element.placeholder?.text || "Type to search", dataset: marks(block, element), oninput: search });
  const node = h("div", { class: "external" }, box, list);
  const many = element.type.startsWith("multi_");
  const read = () => options.find((one) => one.value === list.value) || null;
  ctx.register?.(block, element, () => (many ? [read()].filter(Boolean) : read()));
  list.addEventListener("change", () => block.type !== "input" && ctx.act(block, element, many ? [read()] : read(), node));
  return node;
}
