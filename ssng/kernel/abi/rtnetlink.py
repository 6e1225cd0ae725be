"""Network interfaces: ``linux/rtnetlink.h`` and ``linux/if_link.h``."""

from . import Structure, c_int, c_uint, c_uint8, c_uint16

# Types of netlink messages.
RTM_NEWLINK = 16                # the reply
RTM_GETLINK = 18

# Attributes of a reply.
IFLA_IFNAME = 3                 # NUL-terminated name
IFLA_PROP_LIST = 52             # nested IFLA_ALT_IFNAME
IFLA_ALT_IFNAME = 53            # NUL-terminated name

# Attribute of a request.
IFLA_EXT_MASK = 29              # u32 RTEXT_FILTER_*
RTEXT_FILTER_VF = 1
RTEXT_FILTER_SKIP_STATS = 8
RTEXT_FILTER_NAME_ONLY = 0x100


class ifinfomsg(Structure):
    _fields_ = [
        ('ifi_family', c_uint8),
        ('__ifi_pad', c_uint8),
        ('ifi_type', c_uint16),
        ('ifi_index', c_int),
        ('ifi_flags', c_uint),
        ('ifi_change', c_uint),
    ]
