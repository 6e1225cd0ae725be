"""The kernel's layouts and numbers: one module per uapi header, nothing else in the tree holds an offset."""
