"""Where sockets come from: the kernel, /proc, a recording; what replaces what, and what to do when it fails."""
