"""Pictures of terminals: each character in its place and colour; and the one of the README shows what ssng prints."""
import os
import re
import runpy
import sys
from xml.etree import ElementTree

import pytest

from tests.support.namespaces import ROOT, Room
from tests.support.programs import run

TOOL = os.path.join(ROOT, 'tools/picture')
README = os.path.join(ROOT, 'fixtures/terminal.svg')
TEXT = 'a  b\x1b[1mc <&>\x1b[0m\n\n  \x1b[32mgreen\x1b[0m \x1b[1;34mblue\x1b[0m\x1b[2m  0 \x1b[0mplain  \n'
FONT = {'width': 8.4, 'height': 18, 'margin': 14}


def elements(picture):
    """[(row, column, text, (colour, weight))] of a picture."""
    found = []
    for text in ElementTree.fromstring(picture).iter('{http://www.w3.org/2000/svg}text'):
        column = (float(text.get('x')) - FONT['margin']) / FONT['width']
        assert abs(float(text.get('textLength')) - len(text.text) * FONT['width']) < .1 and abs(column - round(column)) < .1
        row = (int(text.get('y')) - FONT['margin'] - 14) // FONT['height']
        found.append((row, round(column), text.text, (text.get('fill'), text.get('font-weight'))))
    return found


def screen(found):
    """The lines of text that they make."""
    lines = [''] * (1 + max(row for row, _, _, _ in found))
    for row, column, text, _ in found:
        assert len(lines[row]) <= column
        lines[row] = lines[row].ljust(column) + text
    return lines


def test_each_character_has_its_place_and_colour():
    status, out, err = run([sys.executable, TOOL], TEXT.encode())
    assert (status, err) == (0, b'')
    found = elements(out.decode())
    assert screen(found) == [re.sub('\x1b\\[[0-9;]*m', '', line).rstrip() for line in TEXT.splitlines()]
    shown = {text: look for _, _, text, look in found}
    plain, bold = (None, None), (None, 'bold')
    assert (shown['a'], shown['c <&>'], shown['plain']) == (plain, bold, plain)
    green, blue, dim = shown['green'], shown['blue'], shown['0']
    assert len({plain, green, blue, dim}) == 4 and blue[1] == 'bold' and not dim[1] and not green[1]


@pytest.mark.root
def test_the_picture_of_the_readme():
    """The same questions among the same sockets give the same rows, in whatever order the kernel tells them."""
    with open(README) as stream:
        shown = screen(elements(stream.read()))
    try:
        Room([sys.executable, os.path.join(ROOT, 'tools/scene.py')]).close()
    except OSError:
        pytest.skip('cannot make a network namespace with an interface (root can, with /dev/net/tun)')
    tool = runpy.run_path(TOOL)
    again = screen(elements(tool['svg'](tool['session']())))
    assert sorted(again) == sorted(shown)
    assert len([line for line in shown if line.startswith('# ssng ')]) == len(tool['SHOWN'])
