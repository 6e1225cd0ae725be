"""Which addresses are within networks, by their bytes."""

from ..kernel.abi.sock_diag import MAPPED


def address_test(addresses, mapping=True):
    """test(raw): is it within one of (family, bytes, prefix length)?  IPv4 if ``mapping`` also where it is mapped into IPv6."""
    networks = {}
    for _, address, bits in addresses:
        shift = 8 * len(address) - bits
        wanted = networks.setdefault((len(address), shift), set())
        wanted.add(int.from_bytes(address, 'big') >> shift)

    def test(raw):
        if raw.__class__ is int:        # neither inet nor inet6
            return False
        size, number = len(raw), int.from_bytes(raw, 'big')
        mapped = mapping and raw[:12] == MAPPED
        for (width, shift), wanted in networks.items():
            if width == size and number >> shift in wanted:
                return True
            if mapped and width == 4 and (number & 0xffffffff) >> shift in wanted:
                return True
        return False
    return test
