/**
 * The kinds of failure, in the order of `failures.ts`: the palette of Okabe and Ito, which all kinds of colour vision tell
 * apart, each with another hatching.
 */
const failureColours = ['#d55e00', '#e69f00', '#0072b2', '#56b4e9', '#009e73', '#cc79a7', '#5d6673', '#f0e442', '#bbbbbb'];
const thin = 'stroke: #ffffff; stroke-width: 2;';
const dark = 'stroke: #22272e; stroke-width: 1.5;';
const dots = 'stroke-dasharray: 2 4;';
const failureLines = ['stroke: none;', dark, thin, dark, thin, `${dark} ${dots}`, `${thin} ${dots}`, dark, dark];

/**
 * The page's style sheet. Its hash stands in the page's security policy, so no element carries a style of its own.
 * Colours are told apart by lightness too, and every state that matters has a hatching, a sign or a word besides.
 */
export const style = `
:root {
  --ground: #f4f5f7; --card: #ffffff; --ink: #161b22; --faint: #5a6372; --line: #dde1e7; --hair: #e9ecf0;
  --held: #0b6b5d; --held-ink: #ffffff; --broken: #b42d0c; --broken-ink: #ffffff; --inconclusive: #f3b63a; --inconclusive-ink: #2b1d00;
  --good: #a9d8cc; --good-deep: #0b7a69; --bad: #d5400f; --bad-text: #b42d0c; --unknown: #bdb2e2; --unknown-deep: #6d5fa3;
  --accent: #2257c7; --accent-soft: #d9e4fb; --accent-ink: #17397f; --on-accent: #ffffff; --off: #e3e6ea; --off-deep: #8f98a5;
  --pending: #f0c76a; --max: #9aa3b0; --heat: #3f5f9f;
  --control: #7d8694;
  --sans: system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Noto Sans', 'Liberation Sans', Arial, sans-serif;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', 'DejaVu Sans Mono', monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0d1117; --card: #151b23; --ink: #e8ecf2; --faint: #9aa5b4; --line: #2b333f; --hair: #212833;
    --held: #0d7263; --broken: #b8330f; --inconclusive: #e0a42b;
    --good: #1d5a4f; --good-deep: #4cc9b0; --bad: #ff6d3a; --bad-text: #ff8a5f; --unknown: #3c3558; --unknown-deep: #b2a4ea;
    --accent: #6d9dff; --accent-soft: #1e2f55; --accent-ink: #c4d7ff; --on-accent: #08142e; --off: #262d38; --off-deep: #6f7a89;
    --pending: #6f5414; --max: #717c8b; --heat: #9dbbff; --control: #6d7887;
  }
}
* { box-sizing: border-box; }
html { background: var(--ground); color: var(--ink); font: 15px/1.5 var(--sans); -webkit-text-size-adjust: 100%; }
body { max-width: 1240px; margin: 0 auto; padding: 24px 24px 48px; overflow-wrap: break-word; }
h1, h2, h3, p, dl, dd, ul, ol, pre { margin: 0; padding: 0; }
h1 { font-size: 26px; line-height: 1.2; letter-spacing: -0.01em; text-wrap: balance; }
h2 { font-size: 18px; line-height: 1.3; margin-bottom: 12px; letter-spacing: -0.005em; }
h3 { font-size: 15px; }
small { display: block; font-size: 12.5px; line-height: 1.4; color: var(--faint); font-weight: 400; }
code, pre { font-family: var(--mono); font-size: 0.9em; overflow-wrap: anywhere; }
b { font-weight: 650; }
.faint, .more { color: var(--faint); }
.more { font-size: 13px; padding: 6px 0; }
.bad { color: var(--bad-text); }
b.bad { font-weight: 650; }
.num, .measured, .figures b, dd { font-variant-numeric: tabular-nums; }
.unseen-text { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.defs { position: absolute; }
.top { padding: 4px 0 18px; }
.top .kind { font-weight: 700; color: var(--bad-text); margin-bottom: 6px; }
.top .kind span { font-weight: 400; color: var(--faint); }
.top .why { color: var(--faint); max-width: 75ch; margin-top: 4px; }
.top .when { color: var(--faint); font-size: 13.5px; margin-top: 4px; font-variant-numeric: tabular-nums; }
.alarm { background: #a30f0f; color: #fff; border-radius: 12px; padding: 18px 24px; margin-bottom: 20px; }
.alarm h2 { font-size: 24px; margin-bottom: 4px; }
.alarm ul { margin: 8px 0 8px 20px; }
.alarm code { background: #ffffff2e; padding: 1px 6px; border-radius: 4px; color: #fff; }
.hero { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 12px 32px; align-items: center; border-radius: 12px; padding: 26px 32px; }
.hero.held { background: var(--held); color: var(--held-ink); }
.hero.broken { background: var(--broken); color: var(--broken-ink); }
.hero.inconclusive { background: var(--inconclusive); color: var(--inconclusive-ink); }
.hero .word { display: flex; align-items: center; gap: 14px; }
.hero h2 { font-size: 60px; line-height: 1; font-weight: 750; letter-spacing: -0.03em; margin: 0; text-transform: capitalize; }
.hero .sign { width: 60px; height: 60px; flex: none; }
.hero .headline { font-size: 19px; line-height: 1.4; font-weight: 500; text-wrap: pretty; }
.hero .odd { margin-top: 6px; }
.hero .exit { margin-top: 8px; font-size: 14px; }
.hero .exit span::before { content: '· '; }
.sign { fill: none; stroke: currentColor; stroke-width: 3.2; stroke-linecap: round; stroke-linejoin: round; }
.sign text { fill: currentColor; stroke: none; font: 800 23px var(--sans); }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(124px, 1fr)); gap: 12px; margin: 12px 0 0; }
.figures > div { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 12px 16px; }
.figures dt { color: var(--faint); font-size: 13px; }
.figures b { font-size: 21px; line-height: 1.25; letter-spacing: -0.01em; display: block; }
.part { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 20px 24px 22px; margin-top: 16px; }
.part > p + * { margin-top: 12px; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 600; }
thead th { font-size: 12.5px; font-weight: 500; color: var(--faint); }
td, th { padding: 9px 14px 9px 0; vertical-align: top; }
td:last-child, th:last-child { padding-right: 0; }
tbody tr { border-top: 1px solid var(--hair); }
.slos { table-layout: fixed; }
.slos .value, .slos thead th:first-child { width: 9.5rem; }
.slos thead th:nth-child(2) { width: 34%; }
.slos .chart { width: 26%; }
.badge { display: inline-flex; align-items: center; gap: 6px; border-radius: 999px; padding: 1px 11px 1px 7px; font-weight: 600; font-size: 13.5px; }
.badge .sign { width: 15px; height: 15px; }
.badge.held { background: var(--held); color: var(--held-ink); }
.badge.broken { background: var(--broken); color: var(--broken-ink); }
.badge.inconclusive { background: var(--inconclusive); color: var(--inconclusive-ink); }
svg { display: block; }
.used .track { fill: var(--off); }
.used .track.unknown { fill: url(#hatch-off); }
.used .part.held { fill: var(--good-deep); }
.used .part.broken, .used .over { fill: var(--bad); }
.used .part.inconclusive { fill: var(--pending); }
.used .over { fill: url(#hatch-bad); }
.used .limit { stroke: var(--ink); stroke-width: 2; }
rect.hatch-unknown { fill: var(--unknown); } line.hatch-unknown { stroke: var(--unknown-deep); stroke-width: 3; }
rect.hatch-bad { fill: var(--bad); } line.hatch-bad { stroke: var(--card); stroke-width: 3; stroke-opacity: 0.55; }
rect.hatch-off { fill: var(--off); } line.hatch-off { stroke: var(--off-deep); stroke-width: 2; stroke-opacity: 0.6; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 18px; font-size: 13px; color: var(--faint); }
.legend li { display: flex; align-items: center; gap: 6px; }
.legend i, .state-key i { display: inline-block; width: 18px; height: 11px; border-radius: 2px; flex: none; }
.legend .good { background: var(--good); }
.legend .bad { background: var(--bad); }
.legend .unknown { background: repeating-linear-gradient(135deg, var(--unknown) 0 3px, var(--unknown-deep) 3px 5px); }
.legend .outage-key { height: 2px; background: var(--bad-text); }
.legend .injection-key { width: 0; height: 14px; border-left: 2px dashed var(--accent); border-radius: 0; }
.views { display: flex; flex-wrap: wrap; gap: 0; margin-top: 14px; }
.views > input { position: absolute; opacity: 0; pointer-events: none; }
.views > label { border: 1px solid var(--line); padding: 4px 14px; font-size: 13.5px; font-weight: 550; cursor: pointer; margin-left: -1px; }
.views > label:first-of-type { border-radius: 8px 0 0 8px; margin-left: 0; }
.views > label:last-of-type { border-radius: 0 8px 8px 0; }
.views > label .faint { font-weight: 400; margin-left: 4px; font-variant-numeric: tabular-nums; }
.views > input:checked + label { background: var(--accent-soft); color: var(--accent-ink); border-color: var(--accent); z-index: 1; }
.views > input:checked + label .faint { color: inherit; }
.views > input:focus-visible + label { outline: 2px solid var(--accent); outline-offset: 2px; }
.view { display: none; width: 100%; min-width: 0; }
#view-0:checked ~ .view-0, #view-1:checked ~ .view-1, #view-2:checked ~ .view-2 { display: block; }
.lanes { margin-top: 8px; font-size: 13px; overflow-x: clip; overflow-clip-margin: 8px; }
.lane, .lane-group { display: grid; grid-template-columns: 184px minmax(0, 1fr); column-gap: 16px; align-items: center; }
.lane.trend { display: block; } .trend .seen circle { fill: var(--accent); }
.lane-name { text-align: right; line-height: 1.25; min-width: 0; }
.lane-name > span { font-weight: 550; }
.compact .lane-name small { white-space: nowrap; }
.lane-name small { font-size: 11.5px; line-height: 1.3; }
.lane-group { padding-top: 8px; }
.compact .lane-name { display: flex; justify-content: flex-end; align-items: baseline; gap: 8px; }
.lane-chart { overflow: visible; min-width: 0; }
.lane text { font-family: var(--sans); font-size: 11.5px; font-variant-numeric: tabular-nums; fill: var(--ink); }
.lane text.faint, .lane text.scale { fill: var(--faint); }
.lane text.scale { font-size: 10.5px; paint-order: stroke; stroke: var(--card); stroke-width: 3px; }
.tick { stroke: var(--hair); }
.injection { stroke: var(--accent); stroke-dasharray: 3 3; stroke-opacity: 0.75; }
.block.good { fill: var(--good); }
.block.bad { fill: var(--bad); stroke: var(--bad); }
.block.unknown { fill: url(#hatch-unknown); stroke: var(--unknown-deep); stroke-width: 1; }
.outage .sure { stroke: var(--bad-text); stroke-width: 2.5; }
.outage .error { stroke: var(--bad-text); stroke-width: 1.2; }
.lane .note { paint-order: stroke; stroke: var(--card); stroke-width: 8px; stroke-linejoin: round; }
.lane .note.over { stroke-width: 11px; }
.block.phase-baseline, .block.phase-done { fill: var(--off); }
.block.phase-inject { fill: var(--accent); }
.lane text.phase-inject { fill: var(--on-accent); }
.block.phase-recover { fill: var(--accent-soft); }
.block.phase-undo { fill: var(--pending); }
.fault circle { fill: var(--bad); } .fault .core { fill: var(--card); }
.mark { overflow: visible; }
.fault .mark line { stroke: var(--off-deep); stroke-width: 2.5; stroke-linecap: round; }
.block.fault-span { fill: var(--bad); fill-opacity: 0.22; }
.block.fault-span.open { fill: url(#hatch-bad); fill-opacity: 1; }
.undo { stroke: var(--good-deep); stroke-width: 3; }
.fault.open .note { fill: var(--bad-text); font-weight: 700; }
.block.leader-0 { fill: var(--accent-soft); stroke: var(--accent); stroke-opacity: 0.4; }
.block.leader-1 { fill: var(--card); stroke: var(--accent); }
.lane text.leader-0, .lane text.leader-1 { fill: var(--accent-ink); font-weight: 600; }
.block.no-leader { fill: url(#hatch-bad); }
.lane text.no-leader { fill: var(--ink); font-weight: 700; paint-order: stroke; stroke: var(--card); stroke-width: 4px; }
.curves path { fill: none; stroke-width: 1.6; vector-effect: non-scaling-stroke; stroke-linecap: round; stroke-linejoin: round; }
.curves .p50 { stroke: var(--good-deep); stroke-width: 2.2; } .curves .p99 { stroke: var(--accent); } .curves .max { stroke: var(--max); stroke-dasharray: 2 3; }
.key { font-weight: 650; border-bottom: 2.5px solid; }
.key.p50 { border-color: var(--good-deep); } .key.p99 { border-color: var(--accent); } .key.max { border-bottom-style: dotted; border-color: var(--max); }
.curves.over .casing { stroke: var(--card); stroke-width: 4; stroke-opacity: 0.8; }
.curves .p999 { stroke: var(--bad-text); stroke-width: 1.8; stroke-dasharray: 1.5 5; } .key.p999 { border-bottom-style: dotted; border-color: var(--bad-text); }
.heat path { fill: var(--heat); shape-rendering: crispEdges; }
.heat .heat-0 { fill-opacity: 0.14; } .heat .heat-1 { fill-opacity: 0.3; } .heat .heat-2 { fill-opacity: 0.5; } .heat .heat-3 { fill-opacity: 0.72; } .heat .heat-4 { fill-opacity: 0.95; }
.rates .answered { fill: var(--accent-soft); } .rates .due { fill: none; stroke: var(--accent); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
.key.due { border-color: var(--accent); } .key.answered { border-bottom-width: 6px; border-color: var(--accent-soft); }
.limit-line line { stroke: var(--ink); stroke-width: 1.3; stroke-dasharray: 7 3; }
.lane .limit-line text { fill: var(--ink); font-weight: 600; }
.failure rect { shape-rendering: crispEdges; }
.failure.unknown rect { fill: url(#hatch-unknown); }
.swatch { display: inline-block; flex: none; }
${failureColours.map((colour, index) => `.failure.fail-${index} rect { fill: url(#fail-${index}); } rect.fail-${index} { fill: ${colour}; } line.fail-${index} { ${failureLines[index]} }`).join('\n')}
.block.running { fill: var(--good); } .block.pending { fill: var(--pending); } .block.shutting-down, .block.stopping { fill: url(#hatch-bad); }
.block.terminated, .block.stopped { fill: url(#hatch-off); }
.lane text.running { font-family: var(--mono); font-size: 10.5px; }
.state-key { white-space: nowrap; display: inline-flex; align-items: center; gap: 4px; margin-right: 8px; }
.state-key .running { background: var(--good); } .state-key .pending { background: var(--pending); }
.state-key .shutting-down { background: repeating-linear-gradient(135deg, var(--bad) 0 3px, var(--card) 3px 5px); }
.state-key .terminated, .state-key .stopped { background: repeating-linear-gradient(45deg, var(--off) 0 3px, var(--off-deep) 3px 5px); }
.recoveries { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 520px), 1fr)); gap: 28px 40px; align-items: start; }
.recoveries > article { min-width: 0; position: relative; } .recoveries > article:has(> details[open]) { grid-column: 1 / -1; }
.recovery { table-layout: fixed; }
.recovery thead th:nth-child(1) { width: 33%; } .recovery thead th:nth-child(3) { width: 17%; } .recovery thead th:nth-child(4) { width: 14%; }
.recovery caption { text-align: left; padding-bottom: 4px; border-bottom: 1px solid var(--line); }
.recovery caption > b { font-size: 16px; }
.recovery .whole { float: right; font-variant-numeric: tabular-nums; }
.recovery .critical { display: block; clear: both; font-size: 13px; color: var(--faint); font-variant-numeric: tabular-nums; }
.recovery td, .recovery th { padding-top: 4px; padding-bottom: 4px; font-size: 13px; line-height: 1.3; }
.recovery small { font-size: 11.5px; }
.recovery .chart { width: 36%; }
.recovery .chart text { font-size: 10.5px; fill: var(--faint); font-variant-numeric: tabular-nums; }
.recovery td.chart svg { overflow: visible; }
.num { text-align: right; white-space: nowrap; }
.num.left { text-align: left; }
.step { fill: var(--accent); fill-opacity: 0.38; }
.step.slowest { fill-opacity: 1; }
.seen .error { stroke: var(--ink); stroke-width: 1.3; }
.tag { display: block; width: fit-content; margin-left: auto; background: var(--accent); color: var(--on-accent); border-radius: 4px; padding: 0 5px; font-size: 11px; font-weight: 650; white-space: nowrap; }
tr.slowest th, tr.slowest td:last-child { font-weight: 700; }
tr.slowest th small { font-weight: 400; }
tr.unseen th { color: var(--faint); }
.why { font-style: normal; }
td.why { color: var(--bad-text); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); gap: 16px; }
.card { border: 1px solid var(--line); border-radius: 10px; padding: 14px 18px; }
.card.open { border: 2px solid var(--bad); }
.card > * + * { margin-top: 8px; }
.targets { list-style: none; font-size: 13.5px; }
.pairs { font-size: 13.5px; }
.pairs > div { display: grid; grid-template-columns: minmax(110px, 30%) minmax(0, 1fr); gap: 12px; padding: 3px 0; border-top: 1px solid var(--hair); }
.pairs > div:first-child { border-top: 0; }
.pairs dt { color: var(--faint); overflow-wrap: anywhere; }
.pairs dd { overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
.plain { font-size: 13.5px; }
.plain td, .plain th { padding-top: 6px; padding-bottom: 6px; }
.plain th[scope='row'] { white-space: nowrap; } .runs th[scope='row'] small { white-space: normal; } .runs td:nth-child(7) { width: 42%; }
.differences { font-size: 13px; padding-left: 18px; }
.row { display: block; }
details { margin-top: 12px; }
summary { cursor: pointer; color: var(--accent); font-weight: 550; }
.notes { list-style: none; font-size: 14px; }
.notes li { display: grid; grid-template-columns: 7.5rem minmax(0, 1fr); gap: 12px; padding: 3px 0; }
.notes .num { color: var(--faint); text-align: left; }
.columns { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 0 16px; align-items: stretch; }
.columns > * { min-width: 0; }
.command { background: var(--ground); border: 1px solid var(--line); border-radius: 8px; padding: 12px 16px; white-space: pre-wrap; }
footer { color: var(--faint); font-size: 13px; padding: 18px 4px 0; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
a { color: var(--accent); }
caption a { color: inherit; text-decoration-color: var(--line); text-underline-offset: 3px; }
html:not(.scripted) .scripted-only, [hidden] { display: none !important; }
.tools, .search { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; margin-top: 12px; font-size: 13px; font-variant-numeric: tabular-nums; }
button, input, select { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--control); border-radius: 8px; padding: 3px 12px; }
button { cursor: pointer; font-size: 13px; font-weight: 550; } button:disabled { color: var(--faint); cursor: default; border-color: var(--line); }
.search input { flex: 1 1 14rem; min-width: 0; } .search label, .search output { color: var(--faint); }
.lanes { position: relative; }
.scripted .lanes { touch-action: pan-y; user-select: none; -webkit-user-select: none; cursor: crosshair; }
.magnified .lane-chart { overflow: hidden; }
.crosshair { position: absolute; top: 0; bottom: 0; width: 0; border-left: 1.5px solid var(--ink); pointer-events: none; }
.crosshair::before { content: attr(data-at); position: absolute; top: -4px; left: 3px; background: var(--ink); color: var(--card); border-radius: 4px; padding: 0 6px; font-size: 11.5px; line-height: 18px; white-space: nowrap; font-variant-numeric: tabular-nums; }
.crosshair.late::before { left: auto; right: 4px; }
.selection { position: absolute; top: 0; bottom: 0; background: var(--accent); opacity: 0.16; pointer-events: none; }
.readout { position: sticky; bottom: 0; z-index: 2; max-height: 10.5rem; overflow-y: auto; margin: 8px -24px 0; padding: 8px 24px; background: var(--card); border-top: 1px solid var(--line); box-shadow: 0 -6px 14px -8px #00000040; font-size: 13px; }
.readout p > b { font-size: 16px; }
.readout dl { columns: 21rem auto; column-gap: 32px; }
.readout dl > div { display: grid; grid-template-columns: minmax(5.5rem, 30%) minmax(0, 1fr); gap: 10px; break-inside: avoid; }
.readout dt { color: var(--faint); overflow-wrap: anywhere; } .readout dd { overflow-wrap: anywhere; }
.readout dd b { font-weight: 550; } .lane-said { white-space: nowrap; } .readout .odd b { color: var(--bad-text); font-weight: 700; }
dialog { background: var(--card); color: inherit; border: 1px solid var(--line); border-radius: 12px; padding: 20px 24px; max-width: min(34rem, 92vw); }
dialog::backdrop { background: #00000080; }
dialog > * + * { margin-top: 12px; }
.keys.plain { min-width: 0; }
kbd { font-family: var(--mono); font-size: 0.9em; border: 1px solid var(--control); border-bottom-width: 2px; border-radius: 4px; padding: 0 6px; white-space: nowrap; }
.said caption { text-align: left; font-weight: 650; padding: 14px 0 2px; }
.said th:nth-child(-n+2), .said td:nth-child(2) { width: 9rem; }
.events td { overflow-wrap: anywhere; }
:target { scroll-margin-top: 12px; } article:target caption { background: var(--accent-soft); }
@media (max-width: 1000px) {
  .axis .odd .faint { display: none; }
  .slos .value, .slos thead th:first-child { width: 8.6rem; } .slos thead th:nth-child(2) { width: 30%; } .slos .chart { width: 23%; }
  .figures b { font-size: 18px; }
}
@media (max-width: 900px) {
  .columns { grid-template-columns: minmax(0, 1fr); }
  .hero { grid-template-columns: minmax(0, 1fr); padding: 22px 24px; }
}
@media (max-width: 720px) {
  body { padding: 14px 12px 32px; }
  .part { padding: 16px 14px; }
  h1 { font-size: 22px; }
  .hero { padding: 18px 16px; } .hero h2 { font-size: min(42px, 9.6vw); } .hero .word { gap: 8px; } .hero .sign { width: 38px; height: 38px; } .hero .headline { font-size: 17px; }
  .figures { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 8px; } .figures > div { padding: 10px 12px; } .figures > :last-child:nth-child(odd) { grid-column: 1 / -1; } .figures b { font-size: 18px; }
  .lane, .lane-group { grid-template-columns: minmax(0, 1fr); }
  .lane { margin-top: 6px; }
  .lane-name, .compact .lane-name { text-align: left; display: flex; flex-wrap: wrap; gap: 0 8px; align-items: baseline; justify-content: flex-start; }
  .views > label { flex: 1 1 0; min-width: 0; padding: 5px 4px; text-align: center; font-size: 13px; } .views > label .faint { display: block; margin: 0; }
  .axis .lane-name { display: none; }
  .axis .odd, .axis .half .faint { display: none; }
  .axis .early text { text-anchor: start; } .axis .late text { text-anchor: end; }
  .plain { min-width: 700px; } .events, .said { min-width: 0; } .events td:nth-child(2) { display: none; } .events thead th:nth-child(2) { display: none; }
  .hint { display: none; }
  .readout { margin: 8px -14px 0; padding: 8px 14px; max-height: 9rem; }
  .slos thead { display: none; }
  .slos tr { display: block; padding: 12px 0; } .slos tr:first-child { border-top: 0; padding-top: 0; }
  .slos td, .slos th { display: block; width: auto !important; padding: 3px 0; }
  .recovery, .recovery caption, .recovery thead, .recovery tbody { display: block; }
  .recovery thead th:not(.chart) { display: none; }
  .recovery tr { display: grid; grid-template-columns: minmax(0, 1fr) 5.4rem 4.2rem; gap: 0 8px; padding: 5px 0; }
  .recovery thead tr { display: block; } .recovery thead th.chart { display: block; width: 100%; padding: 0; }
  .recovery td, .recovery th { padding: 0; }
  .recovery td.chart { grid-column: 1 / -1; grid-row: 2; width: auto; }
  .recovery td.why { grid-column: 1 / -1; }
  .recovery .whole { float: none; display: block; }
  .notes li { grid-template-columns: minmax(0, 1fr); gap: 0; }
}
@media print {
  :root {
    --ground: #ffffff; --card: #ffffff; --ink: #000000; --faint: #444444; --line: #bbbbbb; --hair: #dddddd;
    --held: #0b6b5d; --broken: #b42d0c; --inconclusive: #f3b63a; --good: #a9d8cc; --good-deep: #0b7a69; --bad: #d5400f; --bad-text: #b42d0c;
    --unknown: #bdb2e2; --unknown-deep: #6d5fa3; --accent: #2257c7; --accent-soft: #d9e4fb; --accent-ink: #17397f; --on-accent: #ffffff;
    --off: #e3e6ea; --off-deep: #8f98a5; --pending: #f0c76a; --max: #777777; --heat: #3f5f9f; --control: #777777;
  }
  html { font-size: 12px; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  body { max-width: none; padding: 0; }
  .part { border: 0; border-top: 1px solid var(--line); border-radius: 0; padding: 12px 0; }
  .hero, .alarm, .figures > div, .card, tr, .lane, .recovery { break-inside: avoid; }
  h2, caption, thead { break-after: avoid; }
  .scroll { overflow: visible; }
  .views > label, .scripted .scripted-only, .crosshair, .selection { display: none; }
  #chart-tables:not([open]), .part:has(> #event-list:not([open])) { display: none; }
  details::details-content { content-visibility: visible; height: auto; }
}
`;
