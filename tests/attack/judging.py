"""What is wrong with an answer, whatever was asked."""
import collections
import json
import re

STATUSES = (0, 1, 255)
ALARM = -14                     # status of a program that was stopped: it would have gone on


def fault(answer, watching=False, is_json=False, silent=False):
    """Why this answer may not be, or None.

    `watching`: it may go on for ever (-E).  `is_json`: stdout holds nothing else.  `silent`: that there is nothing, or
    something else, is an answer, which the status tells (--wait, --diff: as diff(1), 2 is trouble).
    """
    if b'Traceback' in answer.err or b'Exception ignored' in answer.err:
        return 'a traceback'
    if answer.status == ALARM:
        return None if watching else 'it hangs'
    if answer.status not in STATUSES + (2,) * silent:
        return 'status %d' % answer.status
    if answer.err and not answer.err.startswith(b'ssng: '):
        return 'a message that is none of ssng'
    if answer.status and not answer.err and (answer.status, silent) != (1, True):
        return 'status %d, and no word why' % answer.status
    return invalid(answer.out) if is_json else None


def invalid(data):
    """Why `data` is not one JSON document after the other, or None; none at all will do."""
    try:
        text = data.decode('utf-8')
        at, read = 0, json.JSONDecoder(object_pairs_hook=once).raw_decode
        while text[at:].strip():
            at += len(text[at:]) - len(text[at:].lstrip())
            _, at = read(text, at)
    except ValueError as error:
        return 'invalid JSON: %s' % getattr(error, 'msg', error)
    return None


def once(pairs):
    if len(pairs) != len(dict(pairs)):
        raise ValueError('a key stands twice: %s' % pairs)
    return dict(pairs)


class Tally:
    """Counts of what went wrong, with the first examples of each kind (numbers make none)."""

    EXAMPLES = 2

    def __init__(self):
        self.count = 0
        self.statuses = collections.Counter()
        self.faults = {}

    def add(self, why, about, status=None):
        self.count += 1
        self.statuses[status] += 1
        if why:
            kind = re.sub('[0-9]+', 'N', why)
            self.faults.setdefault(kind, []).append((why, about))

    def report(self):
        lines = []
        for kind, found in sorted(self.faults.items()):
            lines.append('%s: %d' % (kind, len(found)))
            lines += ['    ' + about for _, about in found[:self.EXAMPLES]]
        return '\n'.join(lines)
