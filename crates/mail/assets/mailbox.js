// Small comforts of the mailbox; every page works without them.

for (const time of document.querySelectorAll('time[datetime]')) {
  time.textContent = new Date(time.dateTime).toLocaleTimeString();
  time.title = new Date(time.dateTime).toLocaleString();
}

for (const button of document.querySelectorAll('button[data-copy]')) {
  button.hidden = false;
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    const text = button.textContent;
    button.textContent = 'Copied';
    setTimeout(() => { button.textContent = text; }, 1500);
  });
}

// The list shows new mail by itself.
const list = document.querySelector('[data-newest]');
if (list) {
  setInterval(async () => {
    if (document.hidden) return;
    const answer = await fetch('/_dev/mailbox.json').catch(() => null);
    if (!answer?.ok) return;
    const mails = await answer.json();
    if (String(mails[0]?.id ?? 0) !== list.dataset.newest) location.reload();
  }, 2000);
}
