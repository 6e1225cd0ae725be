"""The room of tests.support.moving, and a function that tells it what to do."""


def started(furnished):
    """(Room, say): ``say(line)`` returns what was told in front of ``done``."""
    room = furnished('tests.support.moving')
    maker = room.maker

    def say(line):
        maker.stdin.write(line.encode() + b'\n')
        maker.stdin.flush()
        told = b''
        while not told.endswith(b'done\n'):
            line = maker.stdout.readline()
            assert line, 'the room has ended'
            told += line
        return told[:-len(b'done\n')].decode()
    return room, say
