// Block Kit: one function per block type.
import { chartBlock } from "./chart.js";
import { h } from "./dom.js";
import { icon } from "./emoji.js";
import { elementNode } from "./elements.js";
import { markdown } from "./markdown.js";
import { plain, textObject } from "./mrkdwn.js";
import { richText } from "./richtext.js";
import { dataTableBlock, tableBlock } from "./tables.js";

export function blocksNode(ctx, blocks) {
  return h("div", { class: "blocks" }, blocks.map((block) => blockNode(ctx, block)));
}

function blockNode(ctx, block) {
  const build = BUILDERS[block.type];
  const content = build ? build(ctx, block) : h("div", { class: "unknown" }, `This block cannot be shown here: ${block.type}`);
  return h("div", { class: `block block-${block.type}`, dataset: { blockId: block.block_id || "" } }, content);
}

function section(ctx, block) {
  const body = h("div", { class: "section-body" },
    block.text ? h("div", { class: "section-text" }, textObject(block.text)) : null,
    block.fields ? h("div", { class: "fields" }, block.fields.map((one) => h("div", { class: "field" }, textObject(one)))) : null);
  if (!block.accessory) return body;
  return h("div", { class: "section-row" }, body, h("div", { class: "accessory" }, elementNode(ctx, block, block.accessory)));
}

function header(_ctx, block) {
  return h(`h${Math.min(6, (block.level || 1) + 2)}`, { class: "header" }, textObject(block.text));
}

function image(_ctx, block) {
  return h("figure", { class: "image" }, block.title ? h("figcaption", {}, textObject(block.title)) : null,
    h("img", { src: block.image_url, alt: block.alt_text, loading: "lazy" }));
}

function context(_ctx, block) {
  return h("div", { class: "context" }, block.elements.map((one) => one.type === "image"
    ? h("img", { src: one.image_url, alt: one.alt_text }) : h("span", {}, textObject(one))));
}

function actions(ctx, block) {
  return h("div", { class: "actions" }, block.elements.map((one) => elementNode(ctx, block, one)));
}

function input(ctx, block) {
  const id = `${ctx.prefix}-${block.block_id}`;
  const error = ctx.errors?.[block.block_id];
  const control = elementNode(ctx, block, block.element, id);
  if (error) {
    control.setAttribute("aria-invalid", "true");
    control.setAttribute("aria-describedby", `${id}-error`);
  }
  return h("div", { class: `input-block${error ? " has-error" : ""}` },
    h("label", { id: `${id}-label`, for: id }, textObject(block.label), block.optional ? h("span", { class: "optional" }, " (optional)") : null),
    control,
    error ? h("div", { class: "error", id: `${id}-error`, role: "alert", dataset: { testid: `error:${block.block_id}` } }, [icon("⚠"), " ", error]) : null,
    block.hint ? h("div", { class: "hint" }, textObject(block.hint)) : null);
}

const ALERT_ICONS = { info: "ℹ️", warning: "⚠️", error: "⛔", success: "✅", default: "💬" };

function alert(_ctx, block) {
  const level = block.level || "default";
  return h("div", { class: `alert ${level}`, role: level === "error" ? "alert" : "note" },
    icon(ALERT_ICONS[level]), h("span", { class: "sr-only" }, `${level}: `), h("div", {}, textObject(block.text)));
}

function card(ctx, block) {
  return h("article", { class: "card" },
    block.hero_image ? h("img", { class: "hero", src: block.hero_image.image_url, alt: block.hero_image.alt_text }) : null,
    h("div", { class: "card-head" },
      block.icon ? h("img", { class: "card-icon", src: block.icon.image_url, alt: block.icon.alt_text }) : null,
      h("div", {}, block.title ? h("div", { class: "card-title" }, textObject(block.title)) : null,
        block.subtitle ? h("div", { class: "card-subtitle" }, textObject(block.subtitle)) : null)),
    block.body ? h("div", { class: "card-body" }, textObject(block.body)) : null,
    block.subtext ? h("div", { class: "card-subtitle" }, textObject(block.subtext)) : null,
    block.actions ? h("div", { class: "actions" }, block.actions.map((one) => elementNode(ctx, block, one))) : null);
}

function carousel(ctx, block) {
  return h("div", { class: "carousel", tabindex: "0", role: "region", "aria-label": "Cards" }, block.elements.map((one) => card(ctx, { ...one, block_id: block.block_id })));
}

function container(ctx, block) {
  const title = block.rich_text_title ? richText(block.rich_text_title) : plain(block.title.text);
  const subtitle = block.subtitle ? h("div", { class: "card-subtitle" }, textObject(block.subtitle)) : null;
  const body = blocksNode(ctx, block.child_blocks);
  if (!block.is_collapsible) return h("div", { class: `container ${block.width || "standard"}` }, h("div", { class: "card-title" }, title), subtitle, body);
  return h("details", { class: `container ${block.width || "standard"}`, open: !block.default_collapsed }, h("summary", { class: "card-title" }, title), subtitle, body);
}

const TASK_ICONS = { pending: "○", in_progress: "◐", complete: "●", error: "✕" };

function task(_ctx, block) {
  return h("div", { class: `task ${block.status}` }, h("span", { "aria-label": block.status }, TASK_ICONS[block.status] || "○"), h("div", {}, block.title, block.details ? richText(block.details) : null));
}

function plan(ctx, block) {
  return h("div", { class: "container" }, h("div", { class: "card-title" }, block.title), (block.tasks || []).map((one) => task(ctx, one)));
}

const BUILDERS = {
  section, header, image, context, actions, input, alert, card, carousel, container, plan, task_card: task,
  divider: () => h("hr", {}),
  rich_text: (_ctx, block) => richText(block),
  markdown: (_ctx, block) => markdown(block.text),
  table: (_ctx, block) => tableBlock(block),
  data_table: (_ctx, block) => dataTableBlock(block),
  data_visualization: (_ctx, block) => chartBlock(block),
  context_actions: actions,
  video: (_ctx, block) => h("a", { href: block.video_url, target: "_blank", rel: "noopener" }, plain(block.title.text)),
};
