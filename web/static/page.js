// Every page: moments in the reader's own time zone and language.
const words = new Intl.DateTimeFormat([], { dateStyle: 'medium', timeStyle: 'short' });

function localise(root) {
  for (const time of root.querySelectorAll('time[datetime]')) time.textContent = words.format(new Date(time.dateTime));
}

localise(document);
document.body.addEventListener('htmx:load', event => localise(event.detail.elt));
