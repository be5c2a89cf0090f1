// Fills in the token that a mailed link carries behind its #, and takes an operation over into GraphiQL.
'use strict';

const token = new URLSearchParams(location.hash.slice(1)).get('token') ?? '';

for (const missing of document.querySelectorAll('[data-without-token]')) {
  missing.hidden = token !== '';
}

for (const section of document.querySelectorAll('[data-operation]')) {
  const query = section.querySelector('[data-query]').textContent;
  const shown = section.querySelector('[data-variables]');
  shown.textContent = shown.textContent.replaceAll('TOKEN', token);
  section.querySelector('[data-open]').addEventListener('click', () => {
    // GraphiQL reads these when it starts; they are gone with the tab.
    sessionStorage.setItem('graphiql:query', query);
    sessionStorage.setItem('graphiql:variables', shown.textContent);
    location.assign(section.dataset.operation);
  });
  section.querySelector('[data-copy]').addEventListener('click', () => navigator.clipboard.writeText(shown.textContent));
}
