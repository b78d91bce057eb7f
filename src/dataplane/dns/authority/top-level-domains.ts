/** Top-level domains of Keiro's internet, with those below them that registrars sell names in. Others come to be when a domain is registered there. */
export const topLevelDomains: readonly string[] = `
  ac academy agency app arpa au be biz blue br business ca cafe cc ch click cloud club cn co company cool de dev digital
  education edu email es eu fi fm fr global gov group im in info int io it jp kr life link live me mil mobi mx name net network news
  ninja nl nz online org page pro rocks run se services sg site solutions space store studio systems team tech technology today tools tv
  uk us website wiki world xyz za zone com`
  .trim()
  .split(/\s+/);

export const secondLevelDomains: readonly string[] = `
  ac.jp ac.uk co.jp co.kr co.nz co.uk co.za com.au com.br com.cn com.mx com.sg gov.uk in-addr.arpa ip6.arpa me.uk ne.jp net.au or.jp org.uk`
  .trim()
  .split(/\s+/);
