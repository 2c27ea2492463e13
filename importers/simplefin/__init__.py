"""SimpleFIN as a connector: one address that is the key, and no cursor."""
