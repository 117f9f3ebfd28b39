// The query page: YASGUI on this server's endpoint alone, with the competency questions, the project's prefixes and
// vocabulary, and results that lead to the explorer. Nothing is asked of any other server.

import Yasgui from "@zazuko/yasgui";
import yasguiStyles from "@zazuko/yasgui/build/yasgui.min.css?inline";
import ownStyles from "./query.css?inline";

interface Question {
  name: string;
  question: string;
  text: string;
}

/**
 * What the server puts into the page. base: of the IRIs of entities and records; kinds, pages: the path parts of those
 * that the explorer shows, and of those that have a page.
 */
export interface Content {
  base: string;
  kinds: string[];
  pages: string[];
  prefixes: Record<string, string>;
  query: string;
  questions: Question[];
  classes: string[];
  properties: string[];
}

interface Term {
  type: string;
  value: string;
}

interface Column {
  render: (term: Term | "" | number, type: string | undefined, ...rest: unknown[]) => unknown;
}

/** What is not public of YASR's table, and is changed here. */
interface TableInternals {
  getUriLinkFromBinding?: (term: Term, prefixes?: Record<string, string>) => string;
  getColumns?: () => Column[];
  draw?: (config: { isEllipsed?: boolean } | undefined) => void;
}

const { Yasqe, Yasr } = Yasgui;

/** Draw the page below `root`. Throws when the browser cannot. */
function startQueryPage(root: HTMLElement, content: Content): void {
  for (const text of [yasguiStyles, ownStyles]) document.head.append(element("style", text));
  Object.assign(Yasqe.defaults, { value: content.query });
  Object.assign(Yasr.defaults, { errorRenderers: [showProblem] });
  completeFrom(content);
  changeTable(content);
  const menu = root.appendChild(element("div"));
  const yasgui = new Yasgui(root.appendChild(element("div")), settings(content));
  drawMenu(menu, yasgui, content.questions);
  window.addEventListener("hashchange", () => openLinked(yasgui));
  openLinked(yasgui);
}

function settings(content: Content): ConstructorParameters<typeof Yasgui>[1] {
  return {
    persistenceId: "tracegraph",
    copyEndpointOnNewTab: false,
    populateFromUrl: false, // a link may name an endpoint, headers and more: `openLinked` takes only its query
    endpointCatalogueOptions: { getData: () => [] },
    requestConfig: {
      endpoint: () => new URL("/sparql", location.href).href, // a function: it is never kept, so no old address stays
      acceptHeaderGraph: () => "application/n-triples",
      acceptHeaderSelect: () => "application/sparql-results+json",
    },
    yasr: {
      maxPersistentResponseSize: 0, // an answer that the browser kept would outlive the graph that gave it
      prefixes: content.prefixes,
    },
  };
}

/** Prefixes, classes and properties of the graph in place of those that YASQE brings or asks a vocabulary site for. */
function completeFrom(content: Content): void {
  const namespaces = Object.entries(content.prefixes).map(([prefix, namespace]) => `${prefix}: <${namespace}>`);
  complete("prefixes", namespaces);
  complete("class", content.classes);
  complete("property", content.properties);
  for (const name of ["prefixes", "class", "property", "variables"]) {
    if (!Yasqe.defaults.autocompleters.includes(name)) Yasqe.defaults.autocompleters.push(name);
  }
}

function complete(name: string, completions: string[]): void {
  const completer = Yasqe.Autocompleters[name];
  if (!completer) throw new Error(`YASQE has no completer ${name}`);
  Object.assign(completer, { get: () => completions, bulk: true, persistenceId: () => undefined });
}

/** In tables, an entity leads to the explorer, any other thing of the graph to its page, the rest to itself. */
function changeTable(content: Content): void {
  const table = Yasr.plugins.table?.prototype as unknown as TableInternals | undefined;
  const { getColumns, draw } = table ?? {};
  if (!table?.getUriLinkFromBinding || !getColumns || !draw) throw new Error("YASR's table has changed");
  table.getUriLinkFromBinding = (term, prefixes = {}) => linkTo(term.value, prefixes, content);
  table.getColumns = function (this: TableInternals) {
    return getColumns.call(this).map(searchedAsText);
  };
  table.draw = function (this: TableInternals, config) {
    draw.call(this, { isEllipsed: false, ...config }); // sentences are what is read here
  };
}

/** YASR hands what is searched and sorted to the browser as markup: inert, but tags would be lost from the text. */
function searchedAsText(column: Column): Column {
  const render: Column["render"] = (term, type, ...rest) => {
    if (typeof term !== "object" || (type !== "filter" && type !== "sort")) return column.render(term, type, ...rest);
    return type === "sort" ? term.value : element("span", term.value).innerHTML;
  };
  return { ...column, render };
}

function linkTo(iri: string, prefixes: Record<string, string>, content: Content): string {
  const target = targetOf(iri, content);
  const shown = element(target ? "a" : "span", compress(iri, prefixes));
  shown.className = "iri";
  shown.title = iri;
  shown.dir = "auto";
  if (shown instanceof HTMLAnchorElement && target) {
    shown.href = target;
    shown.target = "_blank";
    shown.rel = "noopener noreferrer";
  }
  return shown.outerHTML;
}

function targetOf(iri: string, content: Content): string | undefined {
  if (!iri.startsWith(content.base)) return /^https?:\/\//.test(iri) ? iri : undefined;
  const path = iri.slice(content.base.length);
  const kind = path.split("/", 1)[0] ?? "";
  if (content.kinds.includes(kind)) return `/viz?entity=${encodeURIComponent(iri)}`;
  if (content.pages.includes(kind)) return `/page/${path}`;
  return `/sparql#${new URLSearchParams({ query: `DESCRIBE <${iri}>` })}`;
}

function compress(iri: string, prefixes: Record<string, string>): string {
  const fitting = Object.entries(prefixes).filter(([, namespace]) => namespace && iri.startsWith(namespace));
  const longest = fitting.sort(([, a], [, b]) => b.length - a.length)[0];
  return longest ? `${longest[0]}:${iri.slice(longest[1].length)}` : iri;
}

async function showProblem(error: { text?: string }): Promise<HTMLElement | undefined> {
  try {
    const problem: unknown = JSON.parse(error.text ?? "");
    const detail = (problem as { detail?: unknown } | null)?.detail;
    if (typeof detail !== "string") return undefined;
    const shown = element("p", detail);
    shown.className = "problem";
    return shown;
  } catch {
    return undefined; // no problem document: YASR shows the text as it came
  }
}

function drawMenu(menu: HTMLElement, yasgui: Yasgui, questions: Question[]): void {
  menu.id = "questions";
  const label = menu.appendChild(element("label", "Ask"));
  const select = menu.appendChild(element("select"));
  select.id = label.htmlFor = "question";
  select.append(new Option("a question …", ""), ...questions.map((one) => new Option(one.question, one.name)));
  select.addEventListener("change", () => {
    const chosen = questions.find((one) => one.name === select.value);
    if (chosen) open(yasgui, chosen.text, chosen.name);
    select.value = "";
  });
}

/** Open the query of a link such as `/sparql#query=...`, and take it out of the address, so that a reload keeps edits. */
function openLinked(yasgui: Yasgui): void {
  const query = new URLSearchParams(location.hash.slice(1)).get("query");
  if (!query) return;
  history.replaceState(null, "", location.pathname);
  open(yasgui, query, "Linked");
}

function open(yasgui: Yasgui, query: string, name: string): void {
  yasgui.addTab(true, { name, yasqe: { value: query } }, { avoidDuplicateTabs: true });
  const tab = yasgui.getTab(); // not what addTab gives: for a tab that is there already it gives the one left
  if (tab?.getYasqe().getQueryMode() === "query") tab.query().catch(() => undefined); // YASR shows what went wrong
}

function element<Tag extends keyof HTMLElementTagNameMap>(tag: Tag, text = ""): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

Object.assign(window, { startQueryPage });
