// Opens each page of the plan in a frame, lets axe look at it in every width by day and by night, and tells the server.

const OPENING_MS = 10_000;
const plan = await (await fetch("/_check/plan.json")).json();

function happens(target, begin) {
  return new Promise((resolve, reject) => {
    const patience = setTimeout(() => reject(new Error(`> ${OPENING_MS} ms`)), OPENING_MS);
    target.addEventListener("load", () => { clearTimeout(patience); resolve(); }, { once: true });
    target.addEventListener("error", () => { clearTimeout(patience); reject(new Error("not loaded")); }, { once: true });
    begin();
  });
}

async function opened(path, width) {
  const frame = document.createElement("iframe");
  frame.width = width;
  frame.height = 900;
  frame.title = path;
  frame.src = path;
  try {
    await happens(frame, () => document.body.append(frame));
    const script = frame.contentDocument.createElement("script");
    script.src = "/_check/axe.min.js";
    await happens(script, () => frame.contentDocument.head.append(script));
    return frame;
  } catch (error) {
    // A page that stays open keeps its connections, and a browser has few of them.
    frame.remove();
    throw error;
  }
}

async function violationsOf(frame, mode) {
  frame.contentDocument.documentElement.dataset.theme = mode;
  await new Promise((resolve) => setTimeout(resolve, 50));
  const options = { runOnly: { type: "tag", values: plan.tags }, resultTypes: ["violations"], iframes: false };
  const { violations } = await frame.contentWindow.axe.run(frame.contentDocument, options);
  return violations.map((found) => ({
    rule: found.id,
    help: found.help,
    description: found.description,
    tags: found.tags,
    targets: found.nodes.map((node) => node.target.flat().join(" ")),
  }));
}

function tell(address, body) {
  return fetch(`/_check/${address}`, { method: "POST", body: JSON.stringify(body) });
}

for (const path of plan.paths) {
  for (const width of plan.widths) {
    let frame = null;
    for (const mode of plan.modes) {
      try {
        frame ??= await opened(path, width);
        await tell("seen", { path, width, mode, violations: await violationsOf(frame, mode) });
      } catch (error) {
        await tell("seen", { path, width, mode, failed: String(error) });
      }
    }
    frame?.remove();
  }
}
await tell("done", {});
