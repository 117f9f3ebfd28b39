"use strict";
const find = (id) => document.getElementById(id);
const network = new vis.Network(find("network"), { nodes, edges }, options);
const entityOf = new Map(page.entities.map((entity) => [entity.iri, entity]));
const hiddenTypes = new Set();

/* Text from documents enters the page through this function alone, as text. */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick") made.addEventListener("click", value);
    else if (name === "colour") made.style.background = value;
    else made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

const words = (name) => name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
const labelOf = (iri) => (entityOf.has(iri) ? entityOf.get(iri).label : iri);
const number = (text) => (Math.abs(Number(text)) < 2 ** 53 ? Number(text).toLocaleString("en") : text);

function tag(text, colour) {
  return element("span", { class: "tag", colour }, text);
}

function entityButton(iri) {
  return element("button", { class: "link", dir: "auto", onclick: () => select(iri) }, labelOf(iri));
}

function sourceLine(finding) {
  const parts = [finding.title, finding.published, finding.document];
  return element("p", { class: "muted", dir: "auto" }, parts.filter((part) => part).join(" · "));
}

function details(parts) {
  return parts.filter(([, value]) => value).map(([name, value]) =>
    element("div", { class: "muted", dir: "auto" }, `${name} ${value}`));
}

function quoteOf(finding) {
  return finding.quote ? element("blockquote", { dir: "auto" }, finding.quote) : null;
}

/* Only a served page has a server that may correct; the form there is filled in for this one. */
function correctLink(text, values) {
  return page.is_served ? element("a", { class: "muted", href: `/corrections#${new URLSearchParams(values)}` }, text) : "";
}

function claimCard(claim) {
  const style = page.statuses[claim.status] || page.statuses.Actual;
  const card = element("article", { class: "claim" },
    element("div", {}, entityButton(claim.subject), ` ${words(claim.predicate)} `, entityButton(claim.object), " ",
      tag(words(claim.status), style.colour)),
    quoteOf(claim), sourceLine(claim),
    ...details([
      ["Role:", claim.role],
      ["From", claim.started_on],
      ["Until", claim.ended_on],
      ["On", claim.occurred_on],
      ["Said by", claim.said_by],
      ["Retracted by", claim.retracted_by],
      ["Confidence", claim.confidence && `${Math.round(claim.confidence * 100)} %`],
    ]),
    claim.retracted_by ? "" : correctLink("Retract this claim", { do: "retract", claim: claim.iri }));
  card.style.borderInlineStartColor = style.colour;
  return card;
}

function figureCard(figure) {
  const what = [words(figure.metric), figure.qualifier, number(figure.value), figure.unit].filter((part) => part);
  return element("article", { class: "claim" },
    element("strong", { dir: "auto" }, what.join(" ")),
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
    element("h2", { dir: "auto" }, entity.label), element("p", {}, tag(entity.type, colourOf(entity.type))),
    entity.aliases.length ? element("p", { class: "aliases", dir: "auto" }, `Also: ${entity.aliases.join(" · ")}`) : "",
    page.is_served && iri !== page.centre ? element("p", {}, open) : "",
    element("p", { class: "muted" }, iri, " ", correctLink("Correct", { do: "rename", entity: iri })),
    element("h3", {}, claims.length === 1 ? "1 claim" : `${number(claims.length)} claims`), claims.map(claimCard),
    figures.length ? element("h3", {}, "Figures") : "", figures.map(figureCard));
}

function showEdge(id) {
  const edge = edges.get(id);
  show(
    element("h2", { dir: "auto" }, `${labelOf(edge.from)} ${edge.label} ${labelOf(edge.to)}`),
    edge.claims.map((index) => claimCard(page.claims[index])));
}

const colourOf = (type) => page.types[type] || page.types.Entity;

function select(iri) {
  if (!entityOf.has(iri)) return;
  network.selectNodes([iri]);
  network.focus(iri, { scale: Math.max(network.getScale(), 0.9), animation: { duration: 300 } });
  highlight(new Set([iri, ...network.getConnectedNodes(iri)]));
  showEntity(iri);
}

/* A paler colour and not a see-through one, which would show the lines behind. */
function paler(colour) {
  const part = (at) => Math.round(parseInt(colour.slice(at, at + 2), 16) * 0.25 + 240 * 0.75);
  return `rgb(${part(1)}, ${part(3)}, ${part(5)})`;
}

function highlight(kept) {
  nodes.update(nodes.get().map((node) => {
    const colour = colourOf(entityOf.get(node.id).type);
    const background = !kept || kept.has(node.id) ? colour : paler(colour);
    return { id: node.id, color: { ...node.color, background } };
  }));
  edges.update(edges.get().map((edge) => {
    const isKept = !kept || (kept.has(edge.from) && kept.has(edge.to));
    return { id: edge.id, color: { ...edge.color, opacity: isKept ? 1 : 0.2 } };
  }));
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

function applyFilters() {
  const showAll = find("not-actual").checked;
  const typeOf = (id) => entityOf.get(id).type;
  nodes.update(nodes.getIds().map((id) => ({ id, hidden: hiddenTypes.has(typeOf(id)) })));
  edges.update(edges.get().map((edge) => ({
    id: edge.id,
    hidden: (!showAll && edge.status !== "Actual") || hiddenTypes.has(typeOf(edge.from)) || hiddenTypes.has(typeOf(edge.to)),
  })));
}

/* The largest names are to be read while all is in view, on a small screen too. */
function enlargeNames(pixels) {
  const wanted = pixels / network.getScale();
  const sizes = nodes.get().map((node) => node.font.size);
  const largest = Math.max(...sizes);
  if (wanted <= largest || sizes.length === 0) return;
  nodes.update(nodes.get().filter((node) => node.font.size === largest)
    .map((node) => ({ id: node.id, font: { size: wanted } })));
}

/* vis-network fits circles, not the names below and beside them: leave them some room. */
function fitAll() {
  network.fit();
  network.moveTo({ scale: network.getScale() * 0.88 });
}

function lineSample(style) {
  const canvas = element("canvas", { width: 44, height: 10 });
  const pen = canvas.getContext("2d");
  pen.strokeStyle = style.colour;
  pen.lineWidth = style.width;
  pen.setLineDash(style.dashes || []);
  pen.beginPath();
  pen.moveTo(0, 5);
  pen.lineTo(44, 5);
  pen.stroke();
  return canvas;
}

function drawLegend() {
  const present = [...new Set(page.entities.map((entity) => entity.type))].sort();
  const types = present.map((type) => {
    const box = element("input", { type: "checkbox", checked: "" });
    box.addEventListener("change", () => {
      if (box.checked) hiddenTypes.delete(type); else hiddenTypes.add(type);
      applyFilters();
    });
    const count = page.entities.filter((entity) => entity.type === type).length;
    return element("div", { class: "legend-row" },
      element("label", {}, box, element("span", { class: "dot", colour: colourOf(type) }), `${type} (${number(count)})`));
  });
  const lines = Object.entries(page.statuses).map(([status, style]) =>
    element("div", { class: "legend-row" }, lineSample(style), words(status)));
  find("legend").append(
    element("p", {}, "Click a name or a line to read the sentences behind it."),
    element("h3", {}, "Entities"), ...types, element("h3", {}, "Claims"), ...lines);
}

function matches(text) {
  const folded = text.trim().toLowerCase();
  const rank = (entity) => Math.min(...[entity.label, ...entity.aliases].map((name) => {
    const at = name.toLowerCase().indexOf(folded);
    return at < 0 ? Infinity : at * 1000 + name.length;
  }));
  return page.entities.map((entity) => [rank(entity), entity]).filter(([value]) => value < Infinity)
    .sort((a, b) => a[0] - b[0]).slice(0, 8).map(([, entity]) => entity);
}

function foundRow(entity, onGraph) {
  const content = [element("span", { class: "dot", colour: colourOf(entity.type) }),
    element("span", { class: "name", dir: "auto" }, entity.label), element("small", {}, entity.type)];
  const chosen = () => { find("found").hidden = true; select(entity.iri); };
  return element("li", {}, onGraph ? element("button", { onclick: chosen }, ...content)
    : element("a", { href: `/viz?entity=${encodeURIComponent(entity.iri)}` }, ...content));
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

find("search").addEventListener("input", search);
find("search").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !find("found").hidden) find("found").querySelector("button, a")?.click();
  if (event.key === "Escape") find("found").hidden = true;
});
document.addEventListener("click", (event) => {
  if (!event.target.closest(".search")) find("found").hidden = true;
});
document.addEventListener("keydown", (event) => { if (event.key === "Escape") clear(); });
find("close").addEventListener("click", clear);
find("not-actual").addEventListener("change", applyFilters);
find("fit").addEventListener("click", fitAll);
find("zoom-in").addEventListener("click", () => network.moveTo({ scale: network.getScale() * 1.4 }));
find("zoom-out").addEventListener("click", () => network.moveTo({ scale: network.getScale() / 1.4 }));
drawLegend();
fitAll();
enlargeNames(11);
if (!page.entities.length) find("network").append(element("p", { class: "empty" }, "The graph is empty"));
if (page.centre) { network.selectNodes([page.centre]); showEntity(page.centre); }
