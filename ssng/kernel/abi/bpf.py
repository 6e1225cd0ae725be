"""BPF maps and the types of their values: ``linux/bpf.h`` and ``linux/btf.h``."""

from . import Structure, Union, c_char, c_int32, c_uint8, c_uint16, c_uint32, c_uint64

# Commands of bpf(2).
BPF_MAP_GET_FD_BY_ID = 14
BPF_OBJ_GET_INFO_BY_FD = 15
BPF_BTF_GET_FD_BY_ID = 19

BPF_MAP_TYPE_SK_STORAGE = 24

BPF_OBJ_NAME_LEN = 16

BTF_MAGIC = 0xeb9f
BTF_VERSION = 1

# btf_type.info: number of entries that follow in the low bits, above them the kind, at the top a flag.
BTF_KIND_INT = 1                # u32 follows
BTF_KIND_PTR = 2
BTF_KIND_ARRAY = 3              # btf_array follows
BTF_KIND_STRUCT = 4             # btf_member, several
BTF_KIND_UNION = 5              # btf_member, several
BTF_KIND_ENUM = 6               # btf_enum, several
BTF_KIND_FWD = 7
BTF_KIND_TYPEDEF = 8
BTF_KIND_VOLATILE = 9
BTF_KIND_CONST = 10
BTF_KIND_RESTRICT = 11
BTF_KIND_FUNC = 12
BTF_KIND_FUNC_PROTO = 13        # btf_param, several
BTF_KIND_VAR = 14               # btf_var
BTF_KIND_DATASEC = 15           # btf_var_secinfo, several
BTF_KIND_FLOAT = 16
BTF_KIND_DECL_TAG = 17          # btf_decl_tag
BTF_KIND_TYPE_TAG = 18
BTF_KIND_ENUM64 = 19            # btf_enum64, several

# Bits 24 .. 27 of the u32 after BTF_KIND_INT.
BTF_INT_SIGNED = 1
BTF_INT_CHAR = 2
BTF_INT_BOOL = 4


class _object_id(Union):
    _fields_ = [
        ('map_id', c_uint32),
        ('btf_id', c_uint32),
    ]


class _get_by_id(Structure):
    _anonymous_ = ('object_id',)
    _fields_ = [
        ('object_id', _object_id),
        ('next_id', c_uint32),
        ('open_flags', c_uint32),
    ]


class _get_info(Structure):
    _fields_ = [
        ('bpf_fd', c_uint32),
        ('info_len', c_uint32),
        ('info', c_uint64),             # address of a bpf_map_info or bpf_btf_info
    ]


class bpf_attr(Union):
    """The argument of the commands above; the kernel's union knows many more."""

    _anonymous_ = ('by_id',)
    _fields_ = [
        ('by_id', _get_by_id),
        ('info', _get_info),
    ]


class bpf_map_info(Structure):
    """An older kernel fills in less: it says how much in info_len."""

    _fields_ = [
        ('type', c_uint32),
        ('id', c_uint32),
        ('key_size', c_uint32),
        ('value_size', c_uint32),
        ('max_entries', c_uint32),
        ('map_flags', c_uint32),
        ('name', c_char * BPF_OBJ_NAME_LEN),
        ('ifindex', c_uint32),
        ('btf_vmlinux_value_type_id', c_uint32),
        ('netns_dev', c_uint64),
        ('netns_ino', c_uint64),
        ('btf_id', c_uint32),
        ('btf_key_type_id', c_uint32),
        ('btf_value_type_id', c_uint32),
        ('btf_vmlinux_id', c_uint32),
        ('map_extra', c_uint64),
        ('hash', c_uint64),
        ('hash_size', c_uint32),
    ]


class bpf_btf_info(Structure):
    _fields_ = [
        ('btf', c_uint64),              # address of a buffer of ...
        ('btf_size', c_uint32),         # ... so many bytes; the kernel answers with what it needs
        ('id', c_uint32),
        ('name', c_uint64),             # address of a buffer
        ('name_len', c_uint32),
        ('kernel_btf', c_uint32),
    ]


class btf_header(Structure):
    _fields_ = [
        ('magic', c_uint16),
        ('version', c_uint8),
        ('flags', c_uint8),
        ('hdr_len', c_uint32),          # offsets count from the end of the header
        ('type_off', c_uint32),
        ('type_len', c_uint32),
        ('str_off', c_uint32),
        ('str_len', c_uint32),
        ('layout_off', c_uint32),       # only if hdr_len reaches here
        ('layout_len', c_uint32),
    ]


class _size_or_type(Union):
    _fields_ = [
        ('size', c_uint32),             # bytes
        ('type', c_uint32),
    ]


class btf_type(Structure):
    _anonymous_ = ('size_or_type',)
    _fields_ = [
        ('name_off', c_uint32),
        ('info', c_uint32),
        ('size_or_type', _size_or_type),
    ]


class btf_array(Structure):
    _fields_ = [
        ('type', c_uint32),
        ('index_type', c_uint32),
        ('nelems', c_uint32),
    ]


class btf_member(Structure):
    _fields_ = [
        ('name_off', c_uint32),
        ('type', c_uint32),
        ('offset', c_uint32),           # bits; if the type's flag is set, the top byte is a bit field's width
    ]


class btf_enum(Structure):
    _fields_ = [
        ('name_off', c_uint32),
        ('val', c_int32),
    ]


class btf_enum64(Structure):
    _fields_ = [
        ('name_off', c_uint32),
        ('val_lo32', c_uint32),
        ('val_hi32', c_uint32),
    ]


class btf_param(Structure):
    _fields_ = [
        ('name_off', c_uint32),
        ('type', c_uint32),
    ]


class btf_var(Structure):
    _fields_ = [
        ('linkage', c_uint32),
    ]


class btf_var_secinfo(Structure):
    _fields_ = [
        ('type', c_uint32),
        ('offset', c_uint32),
        ('size', c_uint32),
    ]


class btf_decl_tag(Structure):
    _fields_ = [
        ('component_idx', c_int32),
    ]
