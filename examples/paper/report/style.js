/** The report's style sheet: light and dark by the reader's system, light in print. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #fff; --raised: #f5f6f8; --line: #d9dce2; --ink: #1a1d23; --quiet: #5b626e; --paper: #7a4b00;
  --good: #176f3d; --fair: #8a5a00; --bad: #b3261e;
  --colour-0: #3f63d2; --colour-1: #d9622b; --colour-2: #12876f; --colour-3: #b5408f;
  --colour-4: #8a6d00; --colour-5: #2b9ac7; --colour-6: #7c52c8; --colour-7: #6b7280;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14161a; --raised: #1d2026; --line: #353a44; --ink: #e4e6ea; --quiet: #a2a9b5; --paper: #f0bd6a;
    --good: #6fd39a; --fair: #f0bd6a; --bad: #ff8f85;
    --colour-0: #8fabff; --colour-1: #ff9d6b; --colour-2: #4fd0b2; --colour-3: #f08fd0;
    --colour-4: #e0c04a; --colour-5: #79cdf0; --colour-6: #bfa0ff; --colour-7: #a2a9b5;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; background: var(--page); color: var(--ink); font: 17px/1.55 Charter, 'Bitstream Charter', 'Source Serif 4', Georgia, serif; }
main { max-width: 1120px; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
h1, h2, h3, h4, nav, table, figcaption, .panel p, .legend, .verdict, .claim ul, .claim cite, .facts, header .by { font-family: system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif; }
h1 { font-size: 2rem; line-height: 1.15; margin: 0 0 .4rem; text-wrap: balance; max-width: 24ch; }
h2 { font-size: 1.35rem; line-height: 1.25; margin: 3.5rem 0 .75rem; padding-top: .75rem; border-top: 2px solid var(--ink); text-wrap: balance; }
h2 small { display: block; font-weight: 400; font-size: .85rem; color: var(--quiet); }
h3 { font-size: 1.05rem; margin: 1.75rem 0 .4rem; }
h4 { font-size: .88rem; margin: 0 0 .1rem; line-height: 1.3; }
p { margin: 0 0 .7rem; max-width: 72ch; text-wrap: pretty; }
a { color: inherit; text-decoration-color: var(--quiet); text-underline-offset: .15em; }
sup, sub { line-height: 0; }
small { font-size: .78em; color: var(--quiet); }
header .by { color: var(--quiet); font-size: .95rem; }
nav ol { columns: 18rem; column-gap: 2rem; padding-left: 1.4rem; font-size: .9rem; margin: 1rem 0; }
nav li { break-inside: avoid; }
figure { margin: 1.5rem 0; }
figcaption { color: var(--quiet); font-size: .85rem; line-height: 1.45; max-width: 85ch; margin-top: .5rem; }
.panels { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, calc(var(--least) * var(--shrink, 1))), 1fr)); gap: 1.25rem 1.5rem; }
.panel { min-width: 0; }
.panel p { color: var(--quiet); font-size: .8rem; line-height: 1.35; margin: 0; }
svg.plot { display: block; max-width: 100%; height: auto; font-family: system-ui, sans-serif; }
svg.plot text { white-space: pre; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.25rem; list-style: none; padding: 0; margin: 0 0 .6rem; font-size: .85rem; }
.legend svg { vertical-align: -.15em; margin-right: .4em; }
.table {
  overflow-x: auto; margin: 1.25rem 0;
  /* A shade at either edge while there is more to scroll to. */
  background:
    linear-gradient(to right, var(--page) 40%, transparent) left / 3rem 100% no-repeat local,
    linear-gradient(to left, var(--page) 40%, transparent) right / 3rem 100% no-repeat local,
    linear-gradient(to right, var(--line), transparent) left / .8rem 100% no-repeat scroll,
    linear-gradient(to left, var(--line), transparent) right / .8rem 100% no-repeat scroll;
}
table { border-collapse: collapse; font-size: .85rem; line-height: 1.35; font-variant-numeric: tabular-nums; min-width: min(100%, 30rem); }
caption { caption-side: top; text-align: left; color: var(--quiet); padding-bottom: .4rem; max-width: min(85ch, calc(100vw - 2.5rem)); }
th, td { padding: .32rem .7rem; text-align: right; vertical-align: top; border-bottom: 1px solid var(--line); }
thead th { border-bottom: 1.5px solid var(--ink); vertical-align: bottom; }
th:first-child { text-align: left; padding-left: 0; }
tbody th { font-weight: 500; min-width: 11rem; }
td { white-space: nowrap; }
td small, tbody th small { display: block; }
tr.paper { color: var(--paper); }
tr.paper th { font-weight: 600; }
tr.group th { font-weight: 650; padding-top: .9rem; white-space: normal; }
.verdict { display: inline-block; font-size: .72rem; font-weight: 650; letter-spacing: .02em; padding: .08em .6em; border-radius: 1em; border: 1.5px solid currentColor; white-space: nowrap; }
.verdict.reproduced, .holds b { color: var(--good); }
.verdict.partly { color: var(--fair); }
.verdict.not, .fails b { color: var(--bad); }
.claim { background: var(--raised); border-left: 4px solid var(--good); padding: .7rem 1rem .6rem; margin: .8rem 0; border-radius: 0 4px 4px 0; break-inside: avoid; }
.claim.partly { border-left-color: var(--fair); } .claim.not { border-left-color: var(--bad); }
.claim p { margin: 0 0 .3rem; max-width: none; }
.claim cite { color: var(--quiet); font-style: normal; font-size: .8rem; white-space: nowrap; }
.claim ul { margin: 0; padding-left: 1.1rem; font-size: .85rem; line-height: 1.45; }
.claim .remark { font-size: .92rem; margin-top: .4rem; }
.tally { display: flex; gap: .5rem 1.5rem; flex-wrap: wrap; font-family: system-ui, sans-serif; font-size: .95rem; margin: 1rem 0; padding: 0; list-style: none; }
.tally b { font-size: 1.6rem; font-weight: 650; margin-right: .35rem; }
.summary td, .summary thead th { white-space: normal; text-align: left; }
.missing { border: 1.5px solid var(--fair); border-radius: 4px; padding: .7rem 1rem; }
.facts { font-size: .85rem; }
.facts dt { font-weight: 600; } .facts dd { margin: 0 0 .5rem; }
code { font: .88em ui-monospace, 'DejaVu Sans Mono', Menlo, monospace; overflow-wrap: anywhere; }
@media (max-width: 600px) { body { font-size: 16px; } main { padding-top: 1.5rem; } h1 { font-size: 1.6rem; } th, td { padding: .3rem .3rem; } tbody th { min-width: 5.5rem; }
  .summary thead { display: none; } .summary tr { display: block; padding: .5rem 0; border-bottom: 1px solid var(--line); }
  .summary tbody th { display: block; border: 0; padding: 0 0 .25rem; } .summary td { display: inline-block; border: 0; padding: 0 .75rem 0 0; }
}
@media print {
  :root { color-scheme: light; }
  @page { margin: 16mm 14mm; }
  body { font-size: 10pt; } main { max-width: none; padding: 0; }
  h2, h3, h4, .legend, caption { break-after: avoid; } h2 { margin-top: 2rem; break-inside: avoid; }
  h2 + p, h2 + figure { break-before: avoid; }
  figure .panel, .table { break-inside: avoid; } .table { overflow: visible; background: none; } thead { display: table-header-group; }
  .panels { --shrink: .7; gap: .75rem; } table { font-size: 7.5pt; } th, td { padding: .2rem .35rem; }
  .claim { background: none; border-style: solid; border-width: 1px 1px 1px 4px; border-top-color: var(--line); border-right-color: var(--line); border-bottom-color: var(--line); } figcaption { break-before: avoid; }
}
`
