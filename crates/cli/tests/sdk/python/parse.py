"""Reads texts of a language by its grammar: a JSON list in, for each its first error or null out."""

import importlib
import json
import sys

from tree_sitter import Language, Parser


def first_error(node):
    if node.is_error or node.is_missing:
        return node
    for child in node.children:
        if child.has_error or child.is_missing:
            return first_error(child) or child
    return None


def fault(parser, text):
    source = text.encode()
    root = parser.parse(source).root_node
    if not root.has_error:
        return None
    found = first_error(root) or root
    line = found.start_point[0] + 1
    return f"line {line}: {source[found.start_byte:found.end_byte].decode(errors='replace')}"


grammar = importlib.import_module(f"tree_sitter_{sys.argv[1]}")
parser = Parser(Language(grammar.language()))
json.dump([fault(parser, text) for text in json.load(sys.stdin)], sys.stdout)
