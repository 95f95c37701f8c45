/** What the page does beyond showing: filter tests, search consoles, jump to a line, open what is printed. It reads the page alone. */
export const SCRIPT = `
'use strict';
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  for (const box of all('.find')) box.hidden = false;
  const later = (body) => { let timer; return () => { clearTimeout(timer); timer = setTimeout(body, 120); }; };
  for (const part of all('.filtered')) {
    const input = part.querySelector('.filter');
    const told = part.querySelector('.told');
    const rows = all('tbody tr', part).map((row) => [row, row.textContent.toLowerCase()]);
    input.addEventListener('input', later(() => {
      const wanted = input.value.trim().toLowerCase();
      let shown = 0;
      for (const [row, text] of rows) { row.hidden = !text.includes(wanted); shown += row.hidden ? 0 : 1; }
      told.textContent = wanted === '' ? '' : shown + ' of ' + rows.length;
    }));
  }
  const openTo = (element) => {
    for (let at = element; at; at = at.parentElement) if (at.tagName === 'DETAILS') at.open = true;
    element.scrollIntoView({ block: 'center' });
  };
  const follow = () => {
    const target = location.hash.length > 1 ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
    if (target && target.closest('details')) openTo(target);
  };
  addEventListener('hashchange', follow);
  follow();
  for (const pre of all('.console pre')) pre.addEventListener('click', (event) => {
    const line = event.target.closest('span[id]');
    if (line && String(getSelection()) === '') history.replaceState(null, '', '#' + line.id);
  });
  const search = document.getElementById('console-search');
  if (search) {
    const told = document.getElementById('console-told');
    let hits = [];
    let at = -1;
    const clear = () => { for (const hit of hits) hit.classList.remove('hit', 'at'); hits = []; at = -1; };
    const go = (step) => {
      if (hits.length === 0) return;
      if (at >= 0) hits[at].classList.remove('at');
      at = (at + step + hits.length) % hits.length;
      hits[at].classList.add('at');
      openTo(hits[at]);
      told.textContent = (at + 1) + ' of ' + hits.length + ' lines';
    };
    search.addEventListener('input', later(() => {
      clear();
      const wanted = search.value.toLowerCase();
      if (wanted === '') { told.textContent = ''; return; }
      hits = all('.console span[id]').filter((line) => line.textContent.toLowerCase().includes(wanted));
      for (const hit of hits) hit.classList.add('hit');
      told.textContent = hits.length === 0 ? 'not found' : hits.length + ' lines';
      go(1);
    }));
    search.addEventListener('keydown', (event) => { if (event.key === 'Enter') { event.preventDefault(); go(event.shiftKey ? -1 : 1); } });
    document.getElementById('console-next').addEventListener('click', () => go(1));
    document.getElementById('console-previous').addEventListener('click', () => go(-1));
  }
  addEventListener('beforeprint', () => { for (const part of all('details:not(.console)')) part.open = true; });
})();
`;
