"""What comes with the product: the bank profiles and the example group, in the checkout."""

from pathlib import Path

SHIPPED = Path(__file__).resolve().parent.parent
