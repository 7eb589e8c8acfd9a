// Two texts side by side: loaded by the page that reviews a change, and by no other.
import '../editor/merge'
