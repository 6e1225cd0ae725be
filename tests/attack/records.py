"""Damaged records, replayed: cut at every byte of their first kilobyte and at random places, with a byte changed.

    python3 -m tests.attack.records --cuts 2000 --changes 10000 --seed 1

The record is one of this host, of all tables.  Prints what went wrong; ends with status 1 if anything did.
"""
import argparse
import collections
import contextlib
import io
import os
import random
import sys
import tempfile
import time

from ssng.cli.main import main as ssng

PATIENCE = 20           # seconds
QUESTION = ['-aneimo', '--tos']
Answer = collections.namedtuple('Answer', 'status out err seconds')


def damaged(data, first=1024, cuts=60, changes=60, seed=12):
    """Cut within the first bytes, ``first`` of them in steps, and at random; then whole, with one byte changed."""
    chance = random.Random(seed)
    for end in range(0, 1024, max(1024 // max(first, 1), 1)):
        yield data[:end]
    for _ in range(cuts):
        yield data[:chance.randrange(len(data))]
    for _ in range(changes):
        place = chance.randrange(len(data))
        yield data[:place] + bytes([chance.randrange(256)]) + data[place + 1:]


def answered(words):
    """What ssng makes of a command line, in this process."""
    out, err, begin = io.BytesIO(), io.BytesIO(), time.time()
    with contextlib.redirect_stdout(io.TextIOWrapper(out, 'latin-1', write_through=True)), \
            contextlib.redirect_stderr(io.TextIOWrapper(err, 'latin-1', write_through=True)):
        status = ssng(words)
        return Answer(status, out.getvalue(), err.getvalue(), time.time() - begin)


def fault(answer, cut):
    """What is wrong with the answer of a damaged record, or None; ``cut``: some of it is not there."""
    if answer.status not in (0, 1):
        return 'status %s' % answer.status
    if not all(line.startswith(b'ssng: ') for line in answer.err.splitlines()):
        return 'stderr: %r' % answer.err[:200]
    if cut and (answer.status, answer.err.count(b'\n')) != (1, 1):
        return 'a cut is not told, once'
    return 'it took %d s' % answer.seconds if answer.seconds > PATIENCE else None


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    for name, count in (('cuts', 2000), ('changes', 10000), ('seed', 1)):
        parser.add_argument('--' + name, type=int, default=count)
    asked = parser.parse_args()
    faults, number = collections.Counter(), 0
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'record')
        answered(['-A', 'all', '-ap', '--record=' + path])
        with open(path, 'rb') as stream:
            whole = stream.read()
        for data in damaged(whole, 1024, asked.cuts, asked.changes, asked.seed):
            number += 1
            with open(path, 'wb') as stream:
                stream.write(data)
            try:
                why = fault(answered(QUESTION + ['--replay=' + path]), len(data) < len(whole))
            except Exception as error:
                why = 'raises %r' % error
            if why:
                faults[why] += 1
    print('%d records of %d bytes, %d wrong' % (number, len(whole), sum(faults.values())))
    for why, count in faults.most_common(20):
        print('%6d  %s' % (count, why))
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())
