// The editor: loaded by pages that hold a `<pn-editor>`, and by no other.
import '../editor/element'
