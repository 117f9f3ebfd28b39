"use strict";
const find = (id) => document.getElementById(id);
const entityOf = new Map(page.entities.map((entity) => [entity.iri, entity]));
const statuses = new Map(page.statuses);
const drawnOf = new Map(drawn.nodes.map((node) => [node.id, node]));
const hiddenTypes = new Set();
const hiddenCommunities = new Set();

/* Text from documents enters the page through this function alone, as text. */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick") made.addEventListener("click", value);
    else if (name === "tint") made.style.setProperty("--tint", value);
    else made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

const words = (name) => name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
const labelOf = (iri) => (entityOf.has(iri) ? entityOf.get(iri).label : iri);
const number = (text) => (Math.abs(Number(text)) < 2 ** 53 ? Number(text).toLocaleString("en") : text);
const shapeOf = (type) => page.shapes[type] || page.shapes.Entity;
const styleOf = (status) => statuses.get(status) || statuses.get("Actual");
const tintOf = (iri) => drawnOf.get(iri).color.background;
const communityName = (community) => (community.name === null ? "Smaller groups" : `Around ${community.name}`);

/* Colours of a text on the canvas, and of the rim of an entity, are those of the page around it. */
function theme() {
  const { color, backgroundColor } = getComputedStyle(document.body);
  const font = { color, strokeColor: backgroundColor };
  return {
    nodes: { font, color: { border: color, highlight: { border: color }, hover: { border: color } } },
    edges: { font },
  };
}

/* The picture as a whole at the size of the window: names of hubs are to be read in it, as far as there is room. */
function prepare(nodes) {
  const { clientWidth, clientHeight } = find("network");
  const span = (axis) => Math.max(...nodes.map((node) => node[axis])) - Math.min(...nodes.map((node) => node[axis])) + 200;
  const scale = nodes.length ? Math.min(clientWidth / span("x"), clientHeight / span("y"), 1) : 1;
  const largest = Math.max(...nodes.map((node) => node.font.size));
  const size = Math.max(largest, (clientWidth < 600 ? 10 : 12) / scale);
  const taken = [];
  const hasRoom = (node) => {
    const box = { x: node.x, y: node.y + node.size + size / 2, width: node.label.length * size * 0.56 };
    if (taken.some((other) => Math.abs(other.y - box.y) < size * 1.1 && Math.abs(other.x - box.x) < (other.width + box.width) / 2)) return false;
    taken.push(box);
    return true;
  };
  const hubs = nodes.filter((node) => node.font.size === largest).sort((a, b) => b.size - a.size);
  const enlarged = new Set(hubs.filter(hasRoom).map((node) => node.id));
  const last = (node) => Number(enlarged.has(node.id)); /* what comes last lies on top */
  return [...nodes].sort((a, b) => last(a) - last(b)).map((node) => ({
    ...node,
    font: enlarged.has(node.id) ? { size, strokeWidth: Math.max(4, size / 4) } : { size: Math.min(node.font.size, 20) },
    borderWidth: node.id === page.centre ? 5 : 1.5,
    color: rimmed(node.color.background),
  }));
}

function rimmed(background, border = getComputedStyle(document.body).color) {
  return { background, border, highlight: { background, border }, hover: { background, border } };
}

const nodes = new vis.DataSet(prepare(drawn.nodes));
const edges = new vis.DataSet(drawn.edges);
const colours = theme();
const network = new vis.Network(find("network"), { nodes, edges }, {
  ...options,
  nodes: { ...options.nodes, color: colours.nodes.color, font: { ...options.nodes.font, ...colours.nodes.font } },
  edges: { ...options.edges, font: { ...options.edges.font, ...colours.edges.font } },
});

/* Crosses on the lines of what is denied: never too small to be seen. */
function drawCrosses(pen) {
  const size = Math.max(6, 3.5 / network.getScale());
  pen.lineCap = "round";
  pen.lineWidth = size / 2.4;
  for (const edge of edges.get({ filter: (edge) => styleOf(edge.status).is_crossed && !edge.hidden })) {
    const line = network.body.edges[edge.id];
    if (!line || !line.connected || line.from.options.hidden || line.to.options.hidden) continue;
    const { x, y } = line.edgeType.getPoint(0.5);
    pen.strokeStyle = edge.color.color;
    pen.globalAlpha = edge.color.opacity;
    pen.beginPath();
    for (const way of [1, -1]) {
      pen.moveTo(x - size, y - way * size);
      pen.lineTo(x + size, y + way * size);
    }
    pen.stroke();
  }
  pen.globalAlpha = 1;
}
network.on("afterDrawing", drawCrosses);

function tag(text, tint) {
  return element("span", { class: "tag", tint }, text);
}

function mark(shape, tint) {
  return element("span", { class: `mark ${shape}`, ...(tint && { tint }) });
}

function entityButton(iri) {
  return element("button", { type: "button", class: "link cut", dir: "auto", onclick: () => select(iri) }, labelOf(iri));
}

/* The address of a document, where it is one of the web and not a script or a file. */
function webAddress(text) {
  const url = text && URL.canParse(text) ? new URL(text) : null;
  return url && ["http:", "https:"].includes(url.protocol) ? url.href : null;
}

function sourceLine(finding) {
  const parts = [finding.title, finding.published, finding.document].filter((part) => part).join(" · ");
  const address = webAddress(finding.url);
  const link = { href: address, target: "_blank", rel: "noopener noreferrer" };
  return element("p", { class: "muted cut", dir: "auto" },
    parts, address ? " · " : "", address ? element("a", link, new URL(address).host) : finding.url ? ` · ${finding.url}` : "");
}

function details(parts) {
  return parts.filter(([, value]) => value).map(([name, value]) =>
    element("div", { class: "muted cut", dir: "auto" }, `${name} ${value}`));
}

function quoteOf(finding) {
  return finding.quote ? element("blockquote", { dir: "auto" }, finding.quote) : null;
}

/* Only a served page has a server that may correct; the form there is filled in for this one. */
function correctLink(text, values) {
  return page.is_served ? element("a", { class: "muted", href: `/corrections#${new URLSearchParams(values)}` }, text) : "";
}

function claimCard(claim) {
  const tint = styleOf(claim.status).colour;
  const confidence = claim.confidence === undefined ? null : `${Math.round(claim.confidence * 100)} %`;
  return element("article", { class: "claim", tint },
    element("div", { class: "cut" }, entityButton(claim.subject), ` ${words(claim.predicate)} `, entityButton(claim.object), " ",
      tag(words(claim.status), tint)),
    quoteOf(claim), sourceLine(claim),
    ...details([
      ["Role:", claim.role],
      ["From", claim.started_on],
      ["Until", claim.ended_on],
      ["On", claim.occurred_on],
      ["Said by", claim.said_by],
      ["Retracted by", claim.retracted_by],
      ["Confidence", confidence],
    ]),
    claim.retracted_by ? "" : correctLink("Retract this claim", { do: "retract", claim: claim.iri }));
}

function figureCard(figure) {
  const what = [words(figure.metric), figure.qualifier, number(figure.value), figure.unit].filter((part) => part);
  return element("article", { class: "claim" },
    element("div", { class: "cut" }, element("strong", { dir: "auto" }, what.join(" "))),
    quoteOf(figure), sourceLine(figure), ...details([["On", figure.observed_on]]));
}

function show(...parts) {
  find("details").replaceChildren(...parts.flat());
  find("close").hidden = parts.length === 0;
  find("legend").hidden = parts.length !== 0;
  find("panel").scrollTop = 0;
}

function showEntity(iri) {
  const entity = entityOf.get(iri);
  const claims = page.claims.filter((claim) => claim.subject === iri || claim.object === iri);
  const figures = page.figures.filter((figure) => figure.about === iri);
  const open = element("a", { href: `/viz?entity=${encodeURIComponent(iri)}` }, "Open its neighbourhood");
  show(
    element("h2", { dir: "auto" }, entity.label),
    element("p", {}, tag(entity.type, tintOf(iri)), " ",
      element("span", { class: "muted" }, communityName(page.communities[drawnOf.get(iri).community]))),
    entity.aliases.length ? element("p", { class: "cut", dir: "auto" }, `Also: ${entity.aliases.join(" · ")}`) : "",
    page.is_served && iri !== page.centre ? element("p", {}, open) : "",
    element("p", { class: "muted cut" }, iri, " ", correctLink("Correct", { do: "rename", entity: iri })),
    element("h3", {}, claims.length === 1 ? "1 claim" : `${number(claims.length)} claims`), claims.map(claimCard),
    figures.length ? element("h3", {}, "Figures") : "", figures.map(figureCard));
}

function showEdge(id) {
  const edge = edges.get(id);
  show(
    element("h2", { dir: "auto" }, `${labelOf(edge.from)} ${edge.label} ${labelOf(edge.to)}`),
    edge.claims.map((index) => claimCard(page.claims[index])));
}

function select(iri) {
  if (!entityOf.has(iri)) return;
  network.selectNodes([iri], false);
  network.focus(iri, { scale: Math.max(network.getScale(), 0.9), animation: { duration: 300 } });
  highlight(new Set([iri, ...network.getConnectedNodes(iri)]));
  showEntity(iri);
}

/* A paler colour and not a see-through one, which would show the lines behind. */
function paler(colour) {
  return `color-mix(in srgb, ${colour} 22%, ${getComputedStyle(document.body).backgroundColor})`;
}

/* Only what looks different from before is drawn anew: all of a large picture would take a second. */
let kept = null;
function highlight(chosen, isForced = false) {
  const isKept = (set, iri) => !set || set.has(iri);
  const both = (set, edge) => isKept(set, edge.from) && isKept(set, edge.to);
  const border = getComputedStyle(document.body).color;
  nodes.update(drawn.nodes.filter((node) => isForced || isKept(kept, node.id) !== isKept(chosen, node.id)).map(({ id }) => ({
    id, color: isKept(chosen, id) ? rimmed(tintOf(id), border) : rimmed(paler(tintOf(id)), paler(border)),
  })));
  edges.update(drawn.edges.filter((edge) => isForced || both(kept, edge) !== both(chosen, edge)).map((edge) => ({
    id: edge.id, color: { ...edge.color, opacity: edge.color.opacity * (both(chosen, edge) ? 1 : 0.2) },
  })));
  kept = chosen;
}

function clear() {
  network.unselectAll();
  highlight(null);
  show();
}

network.on("click", (event) => {
  if (event.nodes.length) {
    highlight(new Set([event.nodes[0], ...network.getConnectedNodes(event.nodes[0])]));
    showEntity(event.nodes[0]);
  } else if (event.edges.length) {
    const edge = edges.get(event.edges[0]);
    highlight(new Set([edge.from, edge.to]));
    showEdge(event.edges[0]);
  } else clear();
});

function isHidden(iri) {
  return hiddenTypes.has(entityOf.get(iri).type) || hiddenCommunities.has(drawnOf.get(iri).community);
}

function applyFilters() {
  const showAll = find("not-actual").checked;
  nodes.update(nodes.getIds().map((id) => ({ id, hidden: isHidden(id) })));
  edges.update(edges.get().map((edge) => ({
    id: edge.id,
    hidden: (!showAll && edge.status !== "Actual") || isHidden(edge.from) || isHidden(edge.to),
  })));
}

function retheme() {
  network.setOptions(theme());
  nodes.update(nodes.get().map(({ id, font }) => ({ id, font: { ...font, ...theme().nodes.font } })));
  edges.update(edges.get().map(({ id }) => ({ id, font: theme().edges.font })));
  highlight(kept, true);
}

/* vis-network fits shapes, not the names below and beside them: leave them some room. */
function fitAll() {
  network.fit();
  network.moveTo({ scale: network.getScale() * 0.88 });
}

function lineSample(style) {
  const ratio = window.devicePixelRatio || 1;
  const canvas = element("canvas", { width: 44 * ratio, height: 12 * ratio, style: "width: 44px; height: 12px", "aria-hidden": "true" });
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  pen.strokeStyle = style.colour;
  pen.globalAlpha = style.opacity;
  pen.lineWidth = style.width;
  pen.setLineDash(style.dashes);
  pen.beginPath();
  pen.moveTo(0, 6);
  pen.lineTo(44, 6);
  pen.stroke();
  if (style.is_crossed) {
    pen.setLineDash([]);
    pen.lineWidth = 2.4;
    pen.beginPath();
    for (const way of [1, -1]) { pen.moveTo(17, 6 - way * 5); pen.lineTo(27, 6 + way * 5); }
    pen.stroke();
  }
  return canvas;
}

/* A row of the legend that shows or hides what it stands for. */
function switchRow(hidden, key, sample, text, count) {
  const box = element("input", { type: "checkbox", checked: "" });
  box.addEventListener("change", () => {
    if (box.checked) hidden.delete(key); else hidden.add(key);
    applyFilters();
  });
  return element("div", { class: "legend-row" },
    element("label", {}, box, sample, element("span", { class: "name", dir: "auto" }, text), element("small", {}, number(count))));
}

function listed() {
  const list = element("ul", { id: "listed", style: "list-style: none; margin: 0; padding: 0" });
  const box = element("details", {}, element("summary", {}, `All ${number(page.entities.length)} as a list`), list);
  box.addEventListener("toggle", () => {
    if (!box.open || list.childElementCount) return;
    const byLinks = [...drawn.nodes].sort((a, b) => b.size - a.size);
    list.append(...byLinks.map(({ id }) => element("li", {}, foundButton(entityOf.get(id)))));
  });
  return box;
}

function drawLegend() {
  const present = [...new Set(page.entities.map((entity) => entity.type))].sort();
  const countOf = (type) => page.entities.filter((entity) => entity.type === type).length;
  find("legend").append(
    element("p", {}, "Click a name or a line to read the sentences behind it. Size is the number of links."),
    element("h2", {}, "Communities, by colour"),
    ...page.communities.map((community, index) => switchRow(hiddenCommunities, index, mark("framed", community.colour), communityName(community), community.n_entities)),
    element("h2", {}, "Entities, by shape"),
    ...present.map((type) => switchRow(hiddenTypes, type, mark(shapeOf(type)), type, countOf(type))),
    element("h2", {}, "Claims, by line"),
    ...page.statuses.map(([status, style]) =>
      element("div", { class: "legend-row" }, lineSample(style), words(status))),
    listed());
}

/* Names of the picture that hold the text: equal ones first, then starts, then the rest. */
function matches(text) {
  const wanted = text.trim().toLowerCase();
  const rank = (name) => (name === wanted ? 0 : name.startsWith(wanted) ? 1 : name.includes(wanted) ? 2 : 9);
  return page.entities
    .map((entity) => [Math.min(...[entity.label, ...entity.aliases].map((name) => rank(name.toLowerCase()))), entity])
    .filter(([order, entity]) => order < 9 && !isHidden(entity.iri))
    .sort((a, b) => a[0] - b[0]).slice(0, 8).map(([, entity]) => entity);
}

function foundButton(entity) {
  return element("button", { type: "button", onclick: () => { closeFound(); select(entity.iri); } }, ...foundContent(entity));
}

function foundContent(entity) {
  const tint = entityOf.has(entity.iri) ? tintOf(entity.iri) : page.other_colour;
  return [mark(shapeOf(entity.type), tint), element("span", { class: "name", dir: "auto" }, entity.label), element("small", {}, entity.type)];
}

function foundRow(entity, onGraph) {
  return element("li", {}, onGraph ? foundButton(entity)
    : element("a", { href: `/viz?entity=${encodeURIComponent(entity.iri)}` }, ...foundContent(entity)));
}

function closeFound() {
  find("found").hidden = true;
}

let searched = 0;
async function search() {
  const text = find("search").value;
  const turn = ++searched;
  const here = text.trim() ? matches(text) : [];
  const rows = here.map((entity) => foundRow(entity, true));
  const draw = (more) => {
    const all = [...rows, ...more];
    find("found").replaceChildren(...(all.length ? all : [element("li", { class: "group" }, "No name like it")]));
    find("found").hidden = !text.trim();
  };
  draw([]);
  if (!page.is_served || !text.trim()) return;
  const response = await fetch(`/search?q=${encodeURIComponent(text)}`);
  if (turn !== searched || !response.ok) return;
  const elsewhere = (await response.json()).entities.filter((entity) => !entityOf.has(entity.iri));
  if (elsewhere.length && turn === searched) {
    draw([element("li", { class: "group" }, "Not in this picture"), ...elsewhere.map((entity) => foundRow(entity, false))]);
  }
}

/* Arrows go through the names found, from the box and back to it; Enter takes the first, or the one they are on. */
function onSearchKey(event) {
  const choices = [find("search"), ...find("found").querySelectorAll("button, a")];
  const at = choices.indexOf(document.activeElement);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && !find("found").hidden) {
    event.preventDefault();
    choices[(at + step + choices.length) % choices.length].focus();
  } else if (event.key === "Enter" && at === 0 && !find("found").hidden) {
    event.preventDefault();
    choices[1]?.click();
  } else if (event.key === "Escape" && !find("found").hidden) {
    event.stopPropagation();
    closeFound();
    find("search").focus();
  }
}

function onPageKey(event) {
  if (event.key === "Escape") clear();
  if (event.key === "/" && !event.target.closest("input")) {
    event.preventDefault();
    find("search").focus();
  }
}

find("search").addEventListener("input", search);
document.querySelector(".search").addEventListener("keydown", onSearchKey);
document.addEventListener("click", (event) => { if (!event.target.closest(".search")) closeFound(); });
document.addEventListener("keydown", onPageKey);
find("close").addEventListener("click", clear);
find("not-actual").addEventListener("change", applyFilters);
find("fit").addEventListener("click", fitAll);
find("zoom-in").addEventListener("click", () => network.moveTo({ scale: network.getScale() * 1.4 }));
find("zoom-out").addEventListener("click", () => network.moveTo({ scale: network.getScale() / 1.4 }));
const darkness = matchMedia("(prefers-color-scheme: dark)");
find("theme").addEventListener("click", () => {
  const root = document.documentElement;
  const isDark = root.style.colorScheme ? root.style.colorScheme === "dark" : darkness.matches;
  root.style.colorScheme = isDark ? "light" : "dark";
  retheme();
});
darkness.addEventListener("change", retheme);
drawLegend();
fitAll();
if (!page.entities.length) find("network").append(element("p", { class: "empty" }, "The graph is empty"));
if (page.centre) { network.selectNodes([page.centre], false); showEntity(page.centre); }
