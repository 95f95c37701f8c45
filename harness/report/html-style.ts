/** The look of the page: light and dark, phone and paper. */
export const STYLE = `
:root{--bg:#fff;--fg:#1f2328;--dim:#59636e;--line:#d1d9e0;--soft:#f6f8fa;--good:#116329;--bad:#b3141d;--unclear:#7d4e00;--link:#0550ae;
--pass:#2da44e;--fail:#cf222e;--crash:#8250df;--timeout:#bc4c00;--skip:#6e7781;--old:#8c959f;--open:#d4a72c;--time:#0969da;color-scheme:light}
@media (prefers-color-scheme:dark){:root{--bg:#0d1117;--fg:#e6edf3;--dim:#9198a1;--line:#3d444d;--soft:#151b23;--good:#56d364;--bad:#ff7b72;--unclear:#e3b341;--link:#79c0ff;
--pass:#3fb950;--fail:#f85149;--crash:#bc8cff;--timeout:#f0883e;--skip:#8b949e;--old:#6e7681;--open:#e3b341;--time:#58a6ff;color-scheme:dark}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--fg);font:15px/1.5 system-ui,"DejaVu Sans",sans-serif;overflow-wrap:anywhere}
header,main,nav,footer{max-width:75rem;margin:0 auto;padding:0 1rem}
a{color:var(--link)}
h1{font-size:1.5rem;line-height:1.3;margin:1rem 0 .25rem}
h2{font-size:1.2rem;margin:2rem 0 .5rem;border-bottom:1px solid var(--line)}
.verdict{border-left:.5rem solid var(--unclear);background:var(--soft);padding:.5rem 1rem;margin:1rem 0}
.verdict strong.name{font-size:1.4rem;color:var(--unclear)}
.verdict.good{border-color:var(--good)}.verdict.good strong.name{color:var(--good)}
.verdict.bad{border-color:var(--bad)}.verdict.bad strong.name{color:var(--bad)}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1rem;list-style:none;padding:0;margin:.5rem 0}
dl{display:grid;grid-template-columns:minmax(6rem,max-content) 1fr;gap:.1rem 1rem;margin:.5rem 0}
dt{color:var(--dim)}dd{margin:0}
table{border-collapse:collapse;font-size:.9rem;margin:.5rem 0}
caption{text-align:left;color:var(--dim);padding:.25rem 0}
th,td{overflow-wrap:break-word;text-align:left;vertical-align:top;padding:.15rem .6rem .15rem 0;border-bottom:1px solid var(--line);font-weight:400}
thead th{color:var(--dim);white-space:nowrap}
tbody th,tbody td:last-child{min-width:8rem}
.scroll{overflow-x:auto}
table.matrix{width:100%;min-width:40rem;table-layout:fixed}
table.matrix th:first-child{width:30%}table.matrix .wide{width:40%}
.strip{display:block;width:100%;height:1rem;background:var(--soft)}
.overview{display:block;width:100%;height:14rem;background:var(--soft);border:1px solid var(--line)}figure{margin:.5rem 0}figcaption{color:var(--dim);font-size:.85rem}
.ticks{display:flex;font-size:.75rem}.ticks span{flex:1;min-width:0;overflow:visible;white-space:nowrap;width:0}
.bar{display:grid;grid-template-columns:3rem 1fr 9rem;gap:.5rem;align-items:center;margin:.25rem 0}
.legend{color:var(--dim);font-size:.85rem;display:flex;flex-wrap:wrap;gap:.25rem 1.25rem}
.legend span{display:inline-flex;gap:.4rem;align-items:center}.legend .strip{width:1.5rem}
.s-pass{fill:var(--pass)}.s-fail{fill:var(--fail)}.s-crash{fill:var(--crash)}.s-timeout{fill:var(--timeout)}.s-skip,.s-missing{fill:var(--skip)}
.s-old{fill:var(--old)}.s-new{fill:var(--fail)}.s-open{fill:var(--open)}.s-time{fill:var(--time)}
.t-pass,.t-absent{color:var(--good)}.t-fail,.t-crash,.t-timeout,.t-shown{color:var(--bad);font-weight:600}.t-skip,.t-missing,.t--,.t-unclear,.none{color:var(--dim)}
.v-good{color:var(--good);font-weight:600}.v-bad{color:var(--bad);font-weight:600}.v-untestable,.v-host,.v-usage{color:var(--unclear);font-weight:600}
table.cells{width:100%}table.cells th:first-child{width:9rem;min-width:5rem}table.cells td{min-width:9rem}.cell+.cell{margin-top:.4rem}.cell .strip{margin-top:.15rem}small{color:var(--dim)}
pre{background:var(--soft);border:1px solid var(--line);padding:.5rem;overflow:auto;font:12.5px/1.45 ui-monospace,"DejaVu Sans Mono",monospace;margin:.5rem 0;white-space:pre-wrap}
code{font:12.5px ui-monospace,"DejaVu Sans Mono",monospace}
summary{cursor:pointer}
.diff{padding:.25rem 0}.diff span,.diff b{display:block;min-height:1.45em;padding:0 .5rem}.diff b{color:var(--unclear)}
.diff .head{color:var(--dim)}.diff .added{color:var(--good)}.diff .removed{color:var(--bad)}
.diff .in-old{background:color-mix(in srgb,var(--fail) 12%,var(--bg))}.diff .in-new{background:color-mix(in srgb,var(--pass) 12%,var(--bg))}
.pair{border:1px solid var(--line);border-radius:.25rem;padding:.3rem .75rem;margin:.35rem 0}.pair h3{font-size:.9rem;color:var(--dim);font-weight:400;margin:.75rem 0 .1rem}
.pair-numbers{display:inline-block;min-width:4rem;color:var(--dim)}.pair-unchanged{color:var(--dim)}.pair-changed{color:var(--unclear);font-weight:600}.pair-new{color:var(--good);font-weight:600}.pair-dropped{color:var(--bad);font-weight:600}
.sides{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:0 1rem}
.console pre{max-height:80vh;padding:.25rem}
.console span{display:block;padding-left:4.5rem;text-indent:-4.5rem;min-height:1.45em;content-visibility:auto;contain-intrinsic-size:auto 1.45em}
.console span::before{content:attr(data-n);display:inline-block;width:4rem;margin-right:.5rem;text-indent:0;text-align:right;color:var(--dim);user-select:none}
.console b{display:block;color:var(--unclear)}
.console span:target,.console span.at{outline:2px solid var(--link);outline-offset:-2px}.console span.hit{background:color-mix(in srgb,var(--open) 35%,transparent)}
.find input{font:inherit;color:inherit;background:var(--bg);border:1px solid var(--dim);padding:.15rem .4rem;max-width:100%}
.find button{font:inherit}.warn{color:var(--bad)}
.hide,.skip-link:not(:focus){position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
:focus-visible{outline:2px solid var(--link);outline-offset:1px}
footer{color:var(--dim);font-size:.85rem;padding-bottom:2rem}
@media (max-width:40rem){.sides{grid-template-columns:minmax(0,1fr)}.pair{padding:.3rem .5rem}dl{grid-template-columns:1fr}dt{margin-top:.4rem}.bar{grid-template-columns:2.5rem 1fr}.bar span:last-child{grid-column:2}th,td{padding-right:.4rem}.console span{padding-left:0;text-indent:0}.console span::before{width:auto}table.matrix{min-width:32rem}}
@media print{:root{--bg:#fff;--fg:#000;--dim:#444;--soft:#fff;--line:#bbb;color-scheme:light}body{font-size:10pt}.scroll,pre{overflow:visible}nav,.find,.skip-link,.no-print{display:none}
table.matrix{min-width:0}tr,.verdict{break-inside:avoid}h2{break-after:avoid}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}.console{display:none}}
`;
