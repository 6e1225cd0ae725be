"""What options do: effects on a draft, and what they do to the host once all have been read.

An effect is called as (draft, what the table of options says, the argument of the option).  What it sets is named by
the attribute itself.
"""

from errno import ENOENT

from ..errors import Failure, explain, quoted
from ..query import FAMILY_WORDS, Detail, Draft, Style, unknown


class Help(Exception):
    """The option is the whole question; how it was typed decides what is answered."""


class Answer(Exception):
    """The option is the whole question: ssng tells of itself.  ``what`` is a function of :mod:`.told`, ``word`` its word."""

    def __init__(self, what, word=None):
        super().__init__(what, word)
        self.what = what
        self.word = word


# Effects: (draft, what the table says, argument of the option).  What they set is named by the attribute itself.

def on(draft, attributes, _):
    for attribute in attributes:
        attribute.__set__(owner(draft, attribute), True)


def off(draft, attribute, _):
    attribute.__set__(owner(draft, attribute), False)


def given(draft, attribute, argument):
    attribute.__set__(draft, argument)


def owner(draft, attribute):
    """That part of the draft whose attribute it is."""
    return {Detail: draft.detail, Style: draft.style, Draft: draft}[attribute.__objclass__]


def told(draft, attribute, word):
    attribute.__set__(draft, word or '')


def states(draft, mask, _):
    draft.mask = mask


def table(draft, name, _):
    draft.add_table(name)


def tables(draft, _, names):
    draft.list_tables(names)


def family(draft, number, _):
    draft.add_family(number)


def family_named(draft, _, word):
    if word == 'help':
        raise Answer('usage')
    if word not in FAMILY_WORDS:
        raise unknown('family', word, FAMILY_WORDS)
    draft.add_family(FAMILY_WORDS[word])


def filter_file(draft, _, name):
    draft.steps.append(lambda host: read_filter(draft, name))


def read_filter(draft, name):
    from ..filter.syntax import read_filter_file
    if draft.filter_lines is not None:
        raise Failure('--filter: one filter file is enough (see ssng --help)')
    draft.filter_lines = read_filter_file(name)


def contexts(draft, level, _):
    draft.steps.append(lambda host: selinux(host))
    draft.detail.contexts = max(draft.detail.contexts, level)
    draft.detail.processes = True


def selinux(host):
    if not host.tasks.labelled():
        raise Failure('SELinux is not enabled on this host', 1)


def network_namespace(draft, _, name):
    draft.steps.append(lambda host: enter_namespace(host, name))


def enter_namespace(host, name):
    from ..host.namespaces import enter
    try:
        enter(name, host.report)
    except Failure as failure:
        missing = failure.message.endswith(explain(ENOENT))
        raise Failure(failure.message + (other_namespace(name) if missing else ''), failure.status)


def other_namespace(name):
    """What to say of a namespace that is named by a process or a path, which -N does not know."""
    spec = 'pid:' + name if name.isdigit() else quoted(name)[1:-1] if '/' in name else ''
    return spec and '; -N takes a name of ip netns, such a one is --netns=' + spec


def netns(draft, _, spec):
    draft.netns += (spec,)


def hosts(draft, _, names):
    for name in names.split(','):
        draft.far += (('host', name),)


def elsewhere(draft, option, word):
    draft.far += ((option, word),)


def all_maps(draft, _, __):
    if isinstance(draft.detail.bpf_maps, tuple):
        raise one_kind_of_maps(255)
    draft.detail.bpf_maps = 'all'


def one_map(draft, _, text):
    from ..filter.values import c_unsigned
    if draft.detail.bpf_maps == 'all':
        raise one_kind_of_maps(1)
    number = c_unsigned(text, 0xfffffffe)
    if not number:
        raise Failure('--bpf-map-id: %s is not the number of a map' % quoted(text), 1)
    draft.detail.bpf_maps = (draft.detail.bpf_maps or ()) + (number,)
    draft.steps.append(lambda host: load_maps(draft, host))


def load_maps(draft, host):
    draft.detail.bpf_maps = host.maps.load(draft.detail.bpf_maps)


def one_kind_of_maps(status):
    return Failure('--bpf-maps shows all maps, --bpf-map-id some: not both', status)


def json(draft, _, form):
    if form not in (None, 'lines'):
        raise misused('--json=%s: there is --json, and --json=lines' % quoted(form)[1:-1])
    draft.style.json = True
    draft.style.lines = form == 'lines'


def color(draft, _, when):
    if when not in (None, 'auto', 'always', 'never'):
        raise misused('--color=%s: known are auto, always and never' % quoted(when)[1:-1])
    draft.style.color = when or 'auto'


def arranged(draft, name, argument):
    draft.arranged[name] = argument


def looks(draft, name, argument):
    draft.looks[name] = argument


def help_text(draft, _, __):
    raise Help


def manual(draft, _, __):
    raise Answer('manual')


def completion(draft, _, shell):
    if shell not in ('bash', 'zsh', 'fish'):
        raise misused('--completion=%s: known are bash, zsh and fish' % quoted(shell)[1:-1])
    raise Answer('completion', shell)


def version(draft, _, __):
    raise Answer('version')


def misused(message):
    return Failure(message + ' (see ssng --help)')
