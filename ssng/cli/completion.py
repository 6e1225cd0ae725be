"""Scripts that make a shell complete the words of ssng: `source <(ssng --completion=bash)`; from the tables of :mod:`.guide`.

Each shell is told the same: the options, what may stand behind each of them, and the words of a filter.  Of a list with
commas the last item is completed, behind the - and + that some lists begin with.
"""

from . import guide, options
from .page import filled


def script(shell):
    """The script for 'bash', 'zsh' or 'fish'."""
    return {'bash': bash, 'zsh': zsh, 'fish': fish}[shell]()


def every():
    return options.OPTIONS + options.MORE_OPTIONS


def needs(option):
    """Whether an argument may stand in a word of its own."""
    return option[2] is not None and not options.optional(option)


def inside(several):
    """Words within quotes of a shell; none has a quote in it, and they may be many: several lines."""
    return '\n'.join(filled(' '.join(several)))


def words():
    """What all of them tell of words, by the names that they have in the scripts."""
    return dict(facts=inside(guide.fact_words() + ['local', 'peer']), tables=inside(guide.table_words()),
                states=inside(guide.state_words()), filter=inside(guide.filter_words()), topics=' '.join(guide.TOPICS))


BASH = '''\
# Completion of ssng for bash: source <(ssng --completion=bash)
_ssng_facts='%(facts)s'
_ssng_tables='%(tables)s'
_ssng_states='%(states)s'
_ssng_filter='%(filter)s'
_ssng_options='%(options)s'

# The last item of a list with commas; what stands in front of it is kept.
_ssng_list() {
    local before=''
    case $cur in
        *,*) before=${cur%%,*}, cur=${cur##*,} ;;
    esac
    case $cur in
        [-+!]*) before=$before${cur:0:1} cur=${cur:1} ;;
    esac
    COMPREPLY=($(compgen -P "$before" -W "$1" -- "$cur"))
    compopt -o nospace 2>/dev/null
}

_ssng() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} option=''
    COMPREPLY=()
    if [[ $cur == = && $prev == --* ]]; then            # bash makes three words of --sort=rtt
        option=$prev cur=''
    elif [[ $prev == = && $COMP_CWORD -gt 1 && ${COMP_WORDS[COMP_CWORD-2]} == --* ]]; then
        option=${COMP_WORDS[COMP_CWORD-2]}
    elif [[ $prev == -[!-]* ]]; then
        case ${prev: -1} in
            [%(letters)s]) option=-${prev: -1} ;;
        esac
    elif [[ $prev == --* ]]; then
        case $prev in
            %(apart)s) option=$prev ;;
        esac
    fi
    case $option in
%(cases)s
        -?*) return ;;
    esac
    case $prev in
        state|exclude|excl) COMPREPLY=($(compgen -W "$_ssng_states" -- "$cur")); return ;;
        --help) COMPREPLY=($(compgen -W '%(topics)s' -- "$cur")); return ;;
    esac
    case $cur in
        -*)
            COMPREPLY=($(compgen -W "$_ssng_options" -- "$cur"))
            [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null ;;
        *) COMPREPLY=($(compgen -W "state exclude $_ssng_filter" -- "$cur")) ;;
    esac
}
complete -F _ssng ssng
'''


def bash():
    cases = []
    for option in every():
        kind, offered = guide.values(option)
        names = '|'.join(['-' + letter for letter in option[1]] * needs(option) + ['--' + option[0]])
        found = {'list': '_ssng_list "$_ssng_%s"; return' % ('tables' if option[2] == 'QUERY' else 'facts'),
                 'words': 'COMPREPLY=($(compgen -W \'%s\' -- "$cur")); return' % ' '.join(offered),
                 'file': 'COMPREPLY=($(compgen -f -- "$cur")); return',
                 'netns': 'COMPREPLY=($(compgen -W "$(ls /run/netns 2>/dev/null)" -- "$cur")); return'}.get(kind)
        if found:
            cases.append('        %s) %s ;;' % (names, found))
    return BASH % dict(
        words(), cases='\n'.join(cases),
        options=inside(['-' + letter for option in every() for letter in option[1]] +
                       ['--' + option[0] + '=' * needs(option) for option in every()]),
        letters=''.join([letter for option in every() if needs(option) for letter in option[1]]),
        apart='|'.join(['--' + option[0] for option in every() if needs(option)]))


ZSH = '''\
#compdef ssng
# Completion of ssng for zsh: source <(ssng --completion=zsh), or save it as _ssng in a folder of fpath
typeset -ga _ssng_facts=(%(facts)s)
typeset -ga _ssng_tables=(%(tables)s)
typeset -ga _ssng_states=(%(states)s)
typeset -ga _ssng_words=(%(filter)s)

# The last item of a list with commas.
_ssng_list() {
    compset -P '*,'
    compset -P '[-+!]'
    compadd "${@[1,-2]}" -q -S '' -a ${@[-1]}
}

_ssng_netns() {
    compadd "$@" -- /run/netns/*(N:t)
}

_ssng_filter() {
    case ${words[CURRENT-1]} in
        state|exclude|excl) compadd -a _ssng_states ;;
        --help) compadd %(topics)s ;;
        *) compadd state exclude; compadd -a _ssng_words ;;
    esac
}

_ssng() {
    _arguments -s -S \\
%(options)s
        '*:filter:_ssng_filter'
}

if [[ $funcstack[1] == _ssng ]]; then
    _ssng "$@"
else
    compdef _ssng ssng
fi
'''


def zsh():
    lines = []
    for option in every():
        name, letters, argument, about = option[0], option[1], option[2], option[5].strip() or guide.UNTOLD.get(option[0], '')
        kind, offered = guide.values(option)
        lists = '_ssng_list _ssng_%s' % ('tables' if argument == 'QUERY' else 'facts')
        action = {'list': lists, 'words': '(%s)' % ' '.join(offered), 'file': '_files', 'netns': '_ssng_netns'}.get(kind, ' ')
        told = '[%s]' % about.translate({ord('['): '(', ord(']'): ')', ord(':'): ';'}).replace("'", "'\\''")
        taken = '' if argument is None else '%s:%s:%s' % (':' * options.optional(option), 'value', action)
        form = '*' + '--' + name + ('=' if needs(option) else '=-' if argument is not None else '')
        lines.append("        '%s%s%s' \\" % (form, told, taken))
        for letter in letters:
            lines.append("        '*-%s%s%s%s' \\" % (letter, '+' * needs(option), told, taken if needs(option) else ''))
    return ZSH % dict(words(), options='\n'.join(lines))


FISH = '''\
# Completion of ssng for fish: ssng --completion=fish | source
set -g __ssng_facts %(facts)s
set -g __ssng_tables %(tables)s
set -g __ssng_states %(states)s
set -g __ssng_words %(filter)s

# Items behind what stands in front of the last comma, and behind a - or + there.
function __ssng_list
    set -l token (commandline -ct | string replace -r '^--[^=]*=' '')
    set -l before (string match -r '^(?:.*,)?[-+!]?' -- $token)
    for item in $argv
        echo -- $before$item
    end
end

function __ssng_behind
    contains -- (commandline -pco)[-1] $argv
end

complete -c ssng -f
complete -c ssng -n '__ssng_behind state exclude excl' -a '$__ssng_states'
complete -c ssng -n '__ssng_behind --help' -a '%(topics)s'
complete -c ssng -n 'not __ssng_behind state exclude excl --help' -a 'state exclude $__ssng_words'
%(options)s
'''


def fish():
    lines = []
    for option in every():
        name, letters, argument = option[:3]
        about = (option[5].strip() or guide.UNTOLD.get(name, '')).replace('\\', '\\\\').replace("'", "\\'")
        kind, offered = guide.values(option)
        found = {'list': " -a '(__ssng_list $__ssng_%s)'" % ('tables' if argument == 'QUERY' else 'facts'),
                 'words': " -a '%s'" % ' '.join(offered), 'file': ' -F',
                 'netns': " -a '(ls /run/netns 2>/dev/null)'"}.get(kind, '')
        taken = '' if argument is None else ' -r' * needs(option) + ' -f' * (kind != 'file') + found
        names = ' -l ' + name + ''.join([' -s ' + letter for letter in letters])
        lines.append("complete -c ssng%s%s -d '%s'" % (names, taken, about))
    return FISH % dict({name: text.replace('\n', ' \\\n    ') for name, text in words().items()}, options='\n'.join(lines))
