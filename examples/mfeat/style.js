export const STYLE = `
:root { color-scheme: light dark; --page: #fff; --ink: #1b1e23; --quiet: #59606b; --accent: #4269d0; }
@media (prefers-color-scheme: dark) {
  :root { --page: #14161a; --ink: #e3e5e8; --quiet: #a3a9b3; --accent: #8fb0ff; }
}
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 2rem 1.25rem 3rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem; text-wrap: balance; }
h2 { font-size: 1.05rem; line-height: 1.3; margin: 0; }
p { margin: 0 0 .5rem; max-width: 75ch; text-wrap: pretty; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); gap: 2rem; margin: 1.5rem 0; }
.legends { display: flex; flex-wrap: wrap; gap: 0 2rem; position: sticky; top: 0; background: var(--page); padding: .25rem 0; }
figure { margin: 0; }
figcaption p { color: var(--quiet); font-size: .9rem; margin: 0; }
figcaption span { white-space: nowrap; }
footer { color: var(--quiet); font-size: .8rem; }
a { color: inherit; }
svg { width: 100%; height: auto; }
.legends svg { width: auto; }
`
