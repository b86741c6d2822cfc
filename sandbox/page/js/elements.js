// Interactive elements: each is a real control, labelled, and reachable by keyboard.
import { h } from "./dom.js";
import { plain } from "./mrkdwn.js";
import { picker, multi, external } from "./selects.js";
import { overflow } from "./overflow.js";
import { connect } from "./connect.js";

export function elementNode(ctx, block, element, label) {
  const build = BUILDERS[element.type];
  return build ? build(ctx, block, element, label) : h("span", { class: "unknown" }, `[${element.type}]`);
}

const marks = (block, element) => ({
  testid: `${element.type}:${element.action_id}`, actionId: element.action_id, blockId: block.block_id,
  focus: `${block.block_id}/${element.action_id}`,
});

function button(ctx, block, element) {
  const props = {
    class: `button ${element.style || ""}`, dataset: marks(block, element), "aria-label": element.accessibility_label,
    onclick: () => ctx.act(block, element, null, node),
  };
  const node = element.url
    ? h("a", { ...props, href: element.url, target: "_blank", rel: "noopener noreferrer" }, plain(element.text.text))
    : h("button", { ...props, type: "button" }, plain(element.text.text));
  return node;
}

function feedback(ctx, block, element) {
  return h("span", { class: "feedback" }, ["positive_button", "negative_button"].map((key, n) => {
    const one = element[key];
    const node = h("button", { type: "button", class: "button icon", title: one.text.text, "aria-label": one.accessibility_label || one.text.text,
      dataset: { testid: `${element.type}:${element.action_id}:${n}` }, onclick: () => ctx.act(block, element, one.value, node) }, n ? "👎" : "👍");
    return node;
  }));
}

function iconButton(ctx, block, element) {
  const node = h("button", { type: "button", class: "button icon", "aria-label": element.accessibility_label || element.text.text, title: element.text.text,
    dataset: marks(block, element), onclick: () => ctx.act(block, element, null, node) }, element.icon === "trash" ? "🗑" : "•");
  return node;
}

function image(_ctx, _block, element) {
  return h("img", { class: "accessory-image", src: element.image_url, alt: element.alt_text, loading: "lazy" });
}

function field(type, key, extra = () => ({})) {
  return (ctx, block, element, label) => {
    const value = ctx.valueOf(block, element)?.[key] ?? "";
    const node = h("input", { type, class: "input", value: String(value), placeholder: element.placeholder?.text,
      "aria-label": label ? undefined : element.placeholder?.text || type, id: label, dataset: marks(block, element), ...extra(element) });
    node.value = String(value);
    return connect(ctx, block, element, node, () => node.value || null);
  };
}

function textInput(ctx, block, element, label) {
  const tag = element.multiline ? "textarea" : "input";
  const node = h(tag, { class: "input", id: label, placeholder: element.placeholder?.text, dataset: marks(block, element),
    ...(element.multiline ? { rows: "4" } : { type: "text" }), ...(element.max_length ? { maxlength: String(element.max_length) } : {}) });
  node.value = ctx.valueOf(block, element)?.value ?? "";
  return connect(ctx, block, element, node, () => node.value || null);
}

function richInput(ctx, block, element, label) {
  const node = h("textarea", { class: "input", rows: "4", id: label, dataset: marks(block, element) });
  return connect(ctx, block, element, node, () => node.value
    ? { type: "rich_text", elements: [{ type: "rich_text_section", elements: [{ type: "text", text: node.value }] }] } : null);
}

function moment(ctx, block, element, label) {
  const unix = ctx.valueOf(block, element)?.selected_date_time;
  const local = unix ? new Date(unix * 1000 - new Date().getTimezoneOffset() * 60_000).toISOString().slice(0, 16) : "";
  const node = h("input", { type: "datetime-local", class: "input", id: label, "aria-label": label ? undefined : "Date and time", dataset: marks(block, element) });
  node.value = local;
  return connect(ctx, block, element, node, () => (node.value ? Math.floor(new Date(node.value).getTime() / 1000) : null));
}

function choices(type) {
  return (ctx, block, element, label) => {
    const known = ctx.valueOf(block, element) || {};
    const chosen = new Set((known.selected_options || [known.selected_option]).filter(Boolean).map((one) => one.value));
    const name = `${ctx.prefix}-${block.block_id}-${element.action_id}`;
    const boxes = element.options.map((option) => h("input", { type, name, value: option.value, checked: chosen.has(option.value), dataset: { testid: `option:${option.value}` } }));
    const rows = element.options.map((option, n) => h("label", { class: "choice" }, boxes[n], h("span", {}, optionText(option))));
    const node = h("div", { class: "choices", role: type === "radio" ? "radiogroup" : "group", "aria-labelledby": label ? `${label}-label` : undefined, dataset: marks(block, element) }, rows);
    const read = () => boxes.filter((one) => one.checked).map((one) => one.value);
    return connect(ctx, block, element, node, () => (type === "radio" ? read()[0] || null : read()));
  };
}

function optionText(option) {
  const text = option.text.type === "mrkdwn" ? option.text.text.replace(/[*_~`]/g, "") : option.text.text;
  return [plain(text), option.description ? h("span", { class: "description" }, plain(option.description.text)) : null];
}

const numberLimits = (element) => ({ min: element.min_value, max: element.max_value, step: element.is_decimal_allowed ? "any" : "1", inputmode: "decimal" });

const BUILDERS = {
  button, overflow, image, workflow_button: button, feedback_buttons: feedback, icon_button: iconButton,
  static_select: picker, users_select: picker, conversations_select: picker, channels_select: picker,
  multi_static_select: multi, multi_users_select: multi, multi_conversations_select: multi, multi_channels_select: multi,
  external_select: external, multi_external_select: external,
  datepicker: field("date", "selected_date"), timepicker: field("time", "selected_time"), datetimepicker: moment,
  number_input: field("number", "value", numberLimits), email_text_input: field("email", "value"), url_text_input: field("url", "value"),
  plain_text_input: textInput, rich_text_input: richInput,
  checkboxes: choices("checkbox"), radio_buttons: choices("radio"),
};
