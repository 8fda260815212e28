import markdownIt from "markdown-it";

/** Of a text block; what is beyond is not shown. */
const charactersMax = 50_000;

// No HTML of the author's, no pictures from elsewhere; a page has one h1, its title, so a text's headings begin at h2.
const writer = markdownIt({ html: false, linkify: true, typographer: false }).disable("image");
writer.renderer.rules.link_open = (tokens, index, options, _env, self) => {
  const token = tokens[index]!;
  if (!/^[#/]/.test(String(token.attrGet("href") ?? ""))) token.attrSet("rel", "noopener noreferrer nofollow ugc");
  return self.renderToken(tokens, index, options);
};
// Alignment of table columns by class: the content policy allows no style attributes.
for (const rule of ["th_open", "td_open"]) {
  writer.renderer.rules[rule] = (tokens, index, options, _env, self) => {
    const token = tokens[index]!;
    const align = /text-align:\s*(center|right)/.exec(String(token.attrGet("style") ?? ""))?.[1];
    token.attrs = (token.attrs ?? []).filter(([name]) => name !== "style");
    if (align) token.attrSet("class", `kliv-${align}`);
    return self.renderToken(tokens, index, options);
  };
}
for (const rule of ["heading_open", "heading_close"]) {
  writer.renderer.rules[rule] = (tokens, index, options, env, self) => {
    const token = tokens[index]!;
    token.tag = `h${Math.min(6, Math.max(2, Number(token.tag.slice(1)) + Number(env?.["deeper"] ?? 1)))}`;
    return self.renderToken(tokens, index, options);
  };
}

interface MarkdownOptions {
  charactersMax?: number;
  /** The text's own title of the first level stands elsewhere on the page: its headings begin at the second level. */
  isBelowTitle?: boolean;
}

/** A Markdown text as HTML that may stand in a page under a strict content policy: no scripts, no styles, no pictures. */
export function markdownHtml(markdown: string, options: MarkdownOptions = {}): string {
  return writer.render(markdown.slice(0, options.charactersMax ?? charactersMax), { deeper: options.isBelowTitle ? 0 : 1 });
}
