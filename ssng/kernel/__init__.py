"""How ssng speaks to the kernel: layouts, netlink sockets and dumps, messages to columns."""
