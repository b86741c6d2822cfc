// /side?left=larkspur/maya&right=larkspur/daniel shows two people at once; a pane is "workspace/person[/channel]".
const asked = new URLSearchParams(location.search);

function frame(side, fallback) {
  const [team, person, channel] = (asked.get(side) || fallback).split("/");
  const query = new URLSearchParams({ as: person || "owner", ...(channel ? { channel } : {}) });
  const pane = document.createElement("iframe");
  pane.title = `${side} pane: ${person || "owner"} in ${team}`;
  pane.dataset.testid = `pane-${side}`;
  pane.src = `/w/${encodeURIComponent(team)}?${query}`;
  document.body.append(pane);
}

const session = await (await fetch("/_sandbox/session")).json();
frame("left", `${session.team.domain}/owner`);
frame("right", `${session.team.domain}/advisor`);
