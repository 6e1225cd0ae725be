"""Where sockets come from, and what replaces what when it fails: :mod:`.dump` has the rules.

The sources are :class:`ssng.kernel.netlink.Kernel`, :class:`.proc.Proc`, :class:`.recording.Recording`, and the one that
copies what another says, :class:`.recording.Copier`; those of a record are :class:`.recorder.Recorder` and
:class:`.replay.Replay`.  :mod:`ssng.kernel.exchange` says what a source is.
"""
