/** A sentence highlighted in its paragraph, with the document that it stands in. */
import { dateWords } from "../words";

export interface ShownEvidence {
  quote: string | null;
  before: string | null;
  after: string | null;
  document: string | null;
  title: string | null;
  published: string | null;
  url?: string | null;
}

export function Quote({ evidence }: { evidence: ShownEvidence }) {
  const { quote, before, after, document, title, published } = evidence;
  if (quote === null) return <p class="quiet">No sentence is given.</p>;
  const link = webAddress(evidence.url ?? null);
  return (
    <figure class="quote">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long paragraph scrolls, also by keyboard */}
      <blockquote dir="auto" tabIndex={0} ref={showMark}>
        {before}
        <mark>{quote}</mark>
        {after}
      </blockquote>
      <figcaption>
        <bdi>{title ?? document}</bdi>
        {title !== null && document !== null && (
          <span class="quiet">
            {" "}
            <bdi>{document}</bdi>
          </span>
        )}
        {published !== null && <span class="quiet"> · {dateWords(published)}</span>}
        {link !== null && (
          <>
            {" "}
            ·{" "}
            <a href={link} rel="noreferrer noopener" target="_blank">
              original
            </a>
          </>
        )}
      </figcaption>
    </figure>
  );
}

/** A paragraph that is longer than its place begins where the sentence is. */
function showMark(paragraph: HTMLElement | null): void {
  const mark = paragraph?.querySelector("mark");
  if (paragraph && mark && mark.offsetTop + mark.offsetHeight > paragraph.clientHeight)
    paragraph.scrollTop = mark.offsetTop - paragraph.clientHeight / 4;
}

/** An address that is safe to link to; a document may give any. */
export function webAddress(text: string | null): string | null {
  if (text === null || !URL.canParse(text)) return null;
  const address = new URL(text);
  return address.protocol === "https:" || address.protocol === "http:" ? address.href : null;
}
