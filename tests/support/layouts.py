"""What the structures of ssng/kernel/abi are, in lines of text: whoever lays them out must tell the same."""
import importlib
import os
import random

from ssng.kernel import abi
from ssng.kernel.abi import Array, Structure, Union, sizeof

FOLDER = os.path.dirname(abi.__file__)


def structures():
    """(name, structure) of all that are declared, and some that a header may bring one day."""
    for name in sorted(os.listdir(FOLDER)):
        if name.endswith('.py') and name not in ('__init__.py', 'plain.py'):
            module = importlib.import_module('ssng.kernel.abi.' + name[:-3])
            for key, thing in sorted(vars(module).items()):
                if isinstance(thing, type) and issubclass(thing, (Structure, Union)) and thing.__module__ == module.__name__:
                    yield '%s.%s' % (name[:-3], key), thing
    yield 'gaps', type('gaps', (Structure,), {'_fields_': [
        ('byte', abi.c_uint8), ('wide', abi.c_uint64), ('long', abi.c_ulong), ('signed', abi.c_long), ('short', abi.c_int16),
        ('small', abi.c_int8), ('last', abi.c_int8)]})
    yield 'bits', type('bits', (Structure,), {'_fields_': [
        ('a', abi.c_uint8, 3), ('b', abi.c_uint8, 4), ('c', abi.c_uint8, 2), ('d', abi.c_uint16), ('e', abi.c_uint32, 31),
        ('f', abi.c_uint32, 2), ('g', abi.c_uint32, 30)]})
    yield 'texts', type('texts', (Structure,), {'_fields_': [
        ('one', abi.c_char), ('some', abi.c_char * 7), ('none', abi.c_uint8 * 0)]})


def content(made):
    """The bytes of a structure of ctypes; bytes() makes none of one with bit fields, says PyPy."""
    from ctypes import addressof, sizeof, string_at
    return string_at(addressof(made), sizeof(made))


def members(kind, outermost=True):
    """The names of all members, those of anonymous ones too."""
    for name, its, *_ in kind._fields_:
        anonymous = name in getattr(kind, '_anonymous_', ())
        if outermost or not anonymous:
            yield name
        if anonymous:
            yield from members(its, False)


def plain(value):
    """A value of a member as integers and bytes."""
    return [plain(item) for item in value] if isinstance(value, Array) else bytes(value) if isinstance(value, Structure) else (
        bytes(value) if isinstance(value, Union) else value)


def told(seed):
    """Lines: where the members lie, what they make of random bytes, and the bytes of a structure that is given these values."""
    for name, kind in structures():
        chance = random.Random('%s %d' % (name, seed))
        data = bytes(chance.randrange(256) for _ in range(sizeof(kind) + 3))
        yield '%s: %d bytes' % (name, sizeof(kind))
        thing, copy, named = kind.from_buffer_copy(data, 3), kind(), {}
        yield bytes(thing).hex()
        for member in members(kind):
            field, value = getattr(kind, member), getattr(thing, member)
            yield '%s at %d, %d: %r' % (member, field.offset, field.size, plain(value))
            setattr(copy, member, value)
            named[member] = value
            yield bytes(copy).hex()
        if not issubclass(kind, Union):
            first = [named[entry[0]] for entry in kind._fields_]
            yield '%s %s' % (bytes(kind(*first[:3])).hex(), bytes(kind(**named)).hex())
        for member in members(kind):
            if isinstance(named[member], int):
                setattr(thing, member, -1)
                yield '%s %r' % (bytes(thing).hex(), getattr(thing, member))
