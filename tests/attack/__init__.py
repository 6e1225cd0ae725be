"""ssng under attack: what nobody would type and no kernel would send, made from seeds (issue 9, B).

    python3 -m tests.attack.filters --count 3000 --seed 1      command lines: filters x options x tables
    python3 -m tests.attack.messages --count 200000 --seed 1   damaged netlink messages of all families

A short run of each is a test.  What may never happen: a traceback, a hang, another exit status than 0, 1 and
255, a JSON document that is none.
"""
