"""python3 -m tests.attack.crowded: as tests/attack/quiet.py, with more sockets than are read before a thread reads on."""
from tests.attack.quiet import main

MANY = 3000

if __name__ == '__main__':
    main(MANY)
