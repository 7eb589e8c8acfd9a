// Draws numbers over time, on the pages that have some.
import '../islands/chart'
