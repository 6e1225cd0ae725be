"""Arrays and lines: what a JSON reader makes of the whole, of each line, and of a stream."""
import json

import pytest

from ssng.output.json import Array, Lines

OBJECTS = ['{"a":1,"b":[1,2],"c":{"d":"x"}}', '{"path":"\u00e9\ufffd\\"\\\\"}', '{}', '{"big":18446744073709551615}']


def written(output, *batches):
    for batch in batches:
        output.add(batch)
    output.flush()


@pytest.fixture
def parts():
    return []


@pytest.mark.parametrize('batches', [[], [[]], [OBJECTS[:1]], [OBJECTS], [OBJECTS, [], OBJECTS], [[], OBJECTS[:2]]])
def test_array(parts, batches):
    """One array whatever the batches; each line is an object but for its comma."""
    written(Array(write=parts.append), *batches)
    whole = b''.join(parts).decode('utf-8')
    flat = [json.loads(text) for batch in batches for text in batch]
    assert json.loads(whole) == flat
    assert whole.endswith(']\n')
    if flat:
        lines = whole.splitlines()
        assert (lines[0], lines[-1]) == ('[', ']')
        assert [json.loads(line[:-1] if line.endswith(',') else line) for line in lines[1:-1]] == flat


def test_batches_are_written_when_they_come(parts):
    """Nothing waits for the end: a stream is read while it is made."""
    output = Array(write=parts.append)
    output.add(OBJECTS[:2])
    assert parts[-1].decode('utf-8').endswith(OBJECTS[1])


def test_pretty(parts):
    written(Array(True, parts.append), OBJECTS, OBJECTS[:1])
    whole = b''.join(parts).decode('utf-8')
    assert json.loads(whole) == [json.loads(text) for text in OBJECTS + OBJECTS[:1]]
    assert whole.startswith('[\n  {\n    "a": 1,\n    "b": [\n')
    assert '\u00e9' in whole
    keys = [line.split('"')[1] for line in whole.splitlines() if '":' in line]
    assert keys == ['a', 'b', 'c', 'd', 'path', 'big', 'a', 'b', 'c', 'd']


def test_lines(parts):
    """For events: each object ends its line, and needs no other to be read."""
    for some in (OBJECTS[:1], OBJECTS[1:]):
        Lines(write=parts.append).each(some)
    assert [json.loads(part.decode('utf-8')) for part in parts] == [json.loads(text) for text in OBJECTS]
    assert all(part.endswith(b'\n') and part.count(b'\n') == 1 for part in parts)


def test_nothing_steers_a_terminal_when_indented():
    """DEL and C1, which json.dumps leaves as they are."""
    written = []
    array = Array(True, written.append)
    array.add(['{"name":"a\\u007f\\u009b\\u202eb\xe9"}'])
    array.flush()
    text = b''.join(written).decode()
    assert json.loads(text) == [{'name': 'a\x7f\x9b\u202eb\xe9'}]
    assert '\\u007f\\u009b\\u202eb\xe9' in text
