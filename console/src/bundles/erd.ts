// The map of a schema.
import '../islands/erd'
