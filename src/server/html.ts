/** Small pages for browsers: no scripts, nothing from elsewhere. */
import type { HttpResponse } from '#protocol/http.ts';

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text as it may stand in HTML, also inside an attribute's quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => escapes[character] ?? character);
}

/** Text as HTML, in which the paths of its links lead there. */
export function linked(text: string, links: readonly { readonly path: string }[]): string {
  let html = escapeHtml(text);
  for (const path of new Set(links.map((link) => escapeHtml(link.path)))) html = html.replaceAll(path, `<a href="${path}">${path}</a>`);
  return html;
}

const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff}
h1{font-size:1.4rem}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem .8rem .4rem 0;border-bottom:1px solid #d8dee4;vertical-align:top}
.new{font-weight:600}dt{float:left;clear:left;width:4rem;color:#59636e}dd{margin:0 0 0 5rem}pre{font:inherit;white-space:pre-wrap;overflow-wrap:anywhere;border-top:1px solid #d8dee4;padding-top:1rem}
button{font:inherit;padding:.5rem 1.2rem;border:0;border-radius:.3rem;background:#0757b8;color:#fff;cursor:pointer}a{color:#0757b8}`;

/** A whole page. @param body HTML, escaped already */
export function htmlPage(status: number, title: string, body: string): HttpResponse {
  const shown = escapeHtml(title);
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy':
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    },
    body: `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${shown} – Keiro</title><style>${style}</style></head>
<body><h1>${shown}</h1>
${body}
</body></html>
`,
  };
}
