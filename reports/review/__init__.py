"""The check on a proposal: what is found in it, who may, and the verdict, as one comment."""
