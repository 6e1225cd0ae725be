import pytest

from ssng.filter.bytecode import compile
from ssng.filter.explain import listing
from tests.filter.support import tree


@pytest.mark.parametrize('text,expected', [
    ('( dst 10.0.0.0/8 or src [::1]:22 ) and ! sport >= 1024', """
        0  dst 10.0.0.0/8 port any                  else 20
       16  jump 48
       20  src ::1/128 port 22                      else fail
       48  sport >= 1024                            else end
       56  jump fail"""),
    ('fwmark = 1/3 and cgroup / or autobound', """
        0  mark & 0x3 = 0x1                         else 28
       12  cgroup = 7                               else 28
       24  jump end
       28  port chosen by the kernel                else fail"""),
    ('! dev lo', """
        0  device = 1                               else end
        8  jump fail"""),
    ('dport <= 5', """
        0  dport <= 5                               else fail"""),
    ('src *', """
        0  src any port any                         else fail"""),
])
def test_listing(text, expected):
    found = listing(compile(tree(text), 2)[0])
    assert [line.strip() for line in found.split('\n')] == [line.strip() for line in expected.strip().split('\n')]
