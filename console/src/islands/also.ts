/**
 * Shift with a click (or with Enter) on the head of a column sorts by it behind the columns that
 * sort already. Without this script the form of the order does the same.
 */
document.addEventListener('click', (event) => {
  if (!event.shiftKey || !(event.target instanceof Element)) return
  const link = event.target.closest<HTMLAnchorElement>('a[data-also]')
  if (!link?.dataset.also) return
  // Before htmx, which would follow the link itself.
  event.preventDefault()
  event.stopImmediatePropagation()
  location.assign(link.dataset.also)
}, { capture: true })
