/**
 * The script of the live page: it shows what the server sends, counts the seconds between, and asks to stop. What it puts
 * into the page is markup that the server has made and escaped.
 */
export const wallScript = `'use strict';
const part = (id) => document.getElementById(id);
let clock = { runMs: null, zeroMs: null, ended: false };
let heardMs = performance.now();
let lost = false;

function show(time) {
  const sign = time < 0 ? '\\u2212' : '';
  const whole = Math.floor(Math.abs(time) / 1000);
  const two = (value) => String(value).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  return sign + (hours > 0 ? hours + ':' + two(Math.floor(whole / 60) % 60) : Math.floor(whole / 60)) + ':' + two(whole % 60);
}

function tick() {
  if (clock.runMs === null) return;
  const nowMs = clock.runMs + (clock.ended || lost ? 0 : performance.now() - heardMs);
  const fromMs = clock.zeroMs === null ? 0 : clock.zeroMs;
  part('time').textContent = show(nowMs - fromMs);
  part('since').textContent = clock.zeroMs === null ? 'since the start' : 'since the first fault';
}

function losing(why) {
  part('lost').textContent = why;
  part('lost').hidden = why === '';
}

const source = new EventSource('/events');
source.addEventListener('now', (event) => {
  const state = JSON.parse(event.data);
  clock = state.clock;
  heardMs = performance.now();
  lost = false;
  losing(state.silent);
  document.title = state.phase + ': ' + state.title;
  part('title').textContent = state.title;
  part('place').textContent = state.place;
  part('word').textContent = state.phase;
  part('phase').dataset.phase = state.phase;
  part('ended').textContent = state.ended;
  part('now').innerHTML = state.now;
  part('said').textContent = state.stopSaid;
  part('press').disabled = state.clock.ended;
  tick();
});
source.addEventListener('picture', (event) => {
  const picture = JSON.parse(event.data);
  part('verdict').textContent = picture.verdict;
  part('slos').innerHTML = picture.slos;
  part('charts').innerHTML = picture.charts;
});
source.addEventListener('error', () => {
  lost = true;
  losing('No connection to firedrill watch: what is shown here is old.');
});
setInterval(tick, 200);

part('stop').addEventListener('submit', async (event) => {
  event.preventDefault();
  const button = part('press');
  button.disabled = true;
  try {
    const answer = await fetch('/stop', { method: 'POST', headers: { 'x-firedrill-token': part('token').value.trim() } });
    part('said').textContent = await answer.text();
  } catch {
    part('said').textContent = 'not asked: no connection to firedrill watch';
  } finally {
    button.disabled = false;
  }
});
`;
