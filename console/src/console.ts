// What the console needs beyond htmx: times in the reader's own zone, and a button that copies.
// Every page works without it.
import './islands/time'
import './islands/copy'
import './islands/passkey'
import './islands/draft'
import './islands/palette'
import './islands/also'
import './islands/grid'
import './islands/pick'
import './islands/drawer'
