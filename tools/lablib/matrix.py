"""The table family x guest of `tools/lab --all`, from what tools/compare printed in each."""
import collections
import json
import os
import re
import sys

from . import boot, guests

COMPARE = ['python3', os.path.join(boot.TREE, 'tools/compare')]

TESTS = 'tests'

LEGEND = '''\
same N      ssng printed the same bytes as ss for all N command lines
differs N   ... but for N of them
restless N  ss did not agree with itself for N of them
-           the kernel lists no sockets of this family
failed      the guest ended before the family's turn
'''


def tests_command(guest, paths):
    python = 'python3' if guests.is_foreign(guest) else sys.executable
    return [python, '-m', 'pytest', '-q', '--tb=line', '-p', 'no:cacheprovider'] + paths


class Matrix:
    def __init__(self):
        self.guests = []
        self.results = {}       # {(guest, family): [what tools/compare printed]}
        self.families = []
        self.tests = {}         # {guest: {'passed': 7, 'failed': 1}}
        self.failures = {}      # {guest: ['FAILED tests/...']}

    def add(self, guest, output):
        self.guests.append(guest)
        for line in output.decode().splitlines():
            found = json.loads(line)
            family = found.pop('family')
            if family not in self.families:
                self.families.append(family)
            self.results.setdefault((guest, family), []).append(found)

    def add_tests(self, guest, output):
        """What pytest said: `FAILED ...` and, at last, `2 failed, 1340 passed, 1 skipped in 700 s`."""
        lines = output.decode('utf-8', 'replace').splitlines() or ['']
        self.tests[guest] = {word: int(number) for number, word in re.findall(
            r'(\d+) (passed|failed|skipped|error)', lines[-1])}
        self.failures[guest] = [line for line in lines if line.startswith(('FAILED', 'ERROR'))]

    def tests_cell(self, guest):
        count = collections.Counter(self.tests.get(guest))
        bad = count['failed'] + count['error']
        if not count:
            return 'failed'
        return 'differs %d' % bad if bad else 'same %d' % count['passed']

    def cell(self, guest, family):
        if family == TESTS:
            return self.tests_cell(guest)
        found = self.results.get((guest, family))
        if not found:
            return 'failed'
        count = collections.Counter(each['result'] for each in found)
        if count['lacks']:
            return '-'
        for word in ('differs', 'restless'):
            if count[word]:
                return '%s %d' % (word, count[word])
        return 'same %d' % len(found)

    def rows(self):
        return self.families + ([TESTS] if self.tests else [])

    def text(self):
        table = [['family'] + self.guests]
        table += [[row] + [self.cell(guest, row) for guest in self.guests] for row in self.rows()]
        lines = [''.join(cell.ljust(12) for cell in row).rstrip() for row in table]
        return '\n'.join(lines) + '\n\n' + LEGEND + ''.join(self.differences())

    def differences(self):
        for (guest, _), found in self.results.items():
            for each in found:
                if 'diff' in each:
                    yield '\n%s, %s:\n' % (guest, each['line'])
                    yield ''.join('    %s\n' % line for line in each['diff'])
        for guest, lines in self.failures.items():
            yield ''.join('\n%s, %s\n' % (guest, line) for line in lines)

    def json(self):
        table = {family: {guest: self.results.get((guest, family), []) for guest in self.guests}
                 for family in self.families}
        return json.dumps({'guests': self.guests, 'families': table, 'tests': self.tests}, indent=1) + '\n'

    def status(self):
        """0 if nothing differs, 1 if something does, 124 if a guest did not come to the end."""
        cells = {self.cell(guest, row).split()[0] for guest in self.guests for row in self.rows()}
        if not cells or 'failed' in cells:
            return boot.NO_STATUS
        return 1 if 'differs' in cells else 0
