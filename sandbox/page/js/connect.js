// Ties a control to its surface: an input is read at submission, anything else tells the app at once.
export function connect(ctx, block, element, node, read) {
  ctx.register?.(block, element, read);
  const tells = block.type !== "input" || block.dispatch_action;
  if (tells) node.addEventListener("change", () => ctx.act(block, element, read(), node));
  return node;
}
