import { patterns } from '../page/hatchings.ts';
import { html } from '../page/markup.ts';

/** Nothing but the page's own script, style sheet and events; never within another page. */
export const wallPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The live page without a run in it: its script fills it. Ends in a newline. */
export function wallPage(): string {
  return `${
    html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="color-scheme" content="light dark"/>
<meta name="referrer" content="no-referrer"/>
<title>firedrill</title>
<link rel="stylesheet" href="/wall.css"/>
<script defer="" src="/wall.js"></script>
</head>
<body class="wall">
${patterns}
<header class="wall-top"><h1 id="title">firedrill</h1><p id="place"></p></header>
<main>
<div class="wall-phase" id="phase"><strong id="word" role="status">connecting</strong>
<p class="wall-clock"><b id="time" role="timer">0:00</b><span id="since">since the start</span></p></div>
<p class="wall-lost" id="lost" role="alert" hidden=""></p>
<p class="wall-ended" id="ended"></p>
<p class="wall-ended" id="verdict" role="status"></p>
<div class="wall-now" id="now"></div>
<section class="part" aria-labelledby="slos-title"><h2 id="slos-title">Objectives</h2><div id="slos"></div></section>
<section class="part" aria-labelledby="charts-title"><h2 id="charts-title">What happened so far</h2><div id="charts"></div></section>
<form class="stop" id="stop" autocomplete="off"><label for="token">token from the terminal</label>
<input id="token" type="password" autocomplete="off" required=""/>
<button id="press" type="submit">Stop and undo</button><p class="stop-said" id="said" role="status"></p></form>
</main>
</body>
</html>`.text
  }\n`;
}
