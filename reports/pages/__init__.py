"""Pages of several parts (text, lists, tables, a drawing), worded once and drawn five ways."""
