"""``from bulkhead.importers import Importer``: our readers for people who drive beangulp.

It reads every bank, card and processor file that ``books import`` reads; see docs/importing.md.
"""

from importers.gulp import Importer

__all__ = ["Importer"]
