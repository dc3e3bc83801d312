import { style as reportStyle } from '../page/style.ts';

/** That of the report, and on it what a screen on a wall needs: read from three metres away. */
export const wallStyle = `${reportStyle}
html { font-size: 18px; }
body { max-width: none; padding: 20px 28px 40px; }
.wall-top { display: flex; flex-wrap: wrap; gap: 6px 28px; align-items: baseline; justify-content: space-between; }
.wall-top h1 { font-size: clamp(22px, 2.6vw, 42px); }
.wall-top p { color: var(--faint); }
.wall-phase { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 8px 32px; align-items: center; border-radius: 16px; padding: 18px 32px; margin-top: 12px; background: var(--card); border: 3px solid var(--line); }
.wall-phase strong { font-size: clamp(48px, 9vw, 150px); line-height: 1; font-weight: 800; letter-spacing: -0.03em; }
.wall-phase[data-phase=breaking] { background: var(--broken); color: var(--broken-ink); border-color: var(--broken); }
.wall-phase[data-phase=recovering], .wall-phase[data-phase=undoing] { background: var(--inconclusive); color: var(--inconclusive-ink); border-color: var(--inconclusive); }
.wall-clock { text-align: right; font-variant-numeric: tabular-nums; }
.wall-clock b { display: block; font-size: clamp(38px, 7vw, 116px); line-height: 1; letter-spacing: -0.02em; }
.wall-clock span { font-size: clamp(16px, 1.5vw, 24px); }
.wall-lost { background: #a30f0f; color: #fff; border-radius: 12px; padding: 12px 24px; margin-top: 12px; font-size: clamp(18px, 1.8vw, 30px); font-weight: 650; }
.wall-lost[hidden] { display: none; }
.wall-ended { font-size: clamp(18px, 1.8vw, 30px); margin-top: 12px; }
.wall-ended:empty, .stop-said:empty { display: none; }
.wall-now { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 16px; margin-top: 16px; }
.now-part { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 16px 22px; min-width: 0; }
.now-part h2, .wall .part h2 { font-size: clamp(16px, 1.4vw, 22px); color: var(--faint); font-weight: 600; margin-bottom: 6px; }
.hits { list-style: none; font-size: clamp(18px, 1.7vw, 28px); line-height: 1.3; overflow-wrap: anywhere; }
.hits li + li { margin-top: 6px; }
.hits span { color: var(--faint); font-size: 0.78em; display: block; }
.hits em { font-style: normal; font-weight: 650; color: var(--bad-text); }
.hits .is-bad b::before { content: '✗ '; color: var(--bad-text); } .hits .is-unknown b::before { content: '? '; } .hits .is-over b::before { content: '✓ '; }
.hits .is-over, .hits .is-over em { color: var(--faint); }
.quiet, .tally { font-size: clamp(18px, 1.7vw, 28px); }
.slo-list { list-style: none; }
.standing { display: grid; grid-template-columns: 11.5em minmax(0, 2fr) minmax(0, 1.6fr) minmax(0, 1.4fr); gap: 4px 20px; align-items: center; padding: 8px 0; border-top: 1px solid var(--hair); font-size: clamp(18px, 1.5vw, 26px); }
.standing:first-child { border-top: 0; }
.standing .badge { font-size: 0.86em; padding: 3px 14px; justify-self: start; }
.badge.open { border: 2px solid var(--off-deep); }
.standing .measured { color: var(--faint); font-size: 0.82em; }
.lanes { font-size: 16px; } .lane-name small { font-size: 14px; } .lane text { font-size: 14px; }
.stop { margin-top: 20px; display: flex; flex-wrap: wrap; gap: 10px 14px; align-items: center; }
.stop label { color: var(--faint); }
.stop input { font: inherit; padding: 8px 12px; border: 2px solid var(--off-deep); border-radius: 8px; background: var(--card); color: var(--ink); width: 22em; max-width: 100%; }
.stop button { font: inherit; font-weight: 750; padding: 10px 26px; border: 0; border-radius: 8px; background: #a30f0f; color: #fff; cursor: pointer; }
.stop button:disabled { opacity: 0.55; cursor: default; }
.stop-said { width: 100%; white-space: pre-wrap; }
@media (max-width: 900px) {
  .wall-now { grid-template-columns: minmax(0, 1fr); }
  .standing { grid-template-columns: minmax(0, 1fr); }
}
@media (max-width: 720px) {
  body { padding: 12px; }
  .wall-phase { grid-template-columns: minmax(0, 1fr); padding: 16px; }
  .wall-clock { text-align: left; }
}
`;
