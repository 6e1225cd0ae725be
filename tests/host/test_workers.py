"""Every number is made once and comes back in its place, whatever becomes of the children."""
import os
import signal
import threading

import pytest

from ssng.host.workers import share

HERE = os.getpid()


def numbers(worker):
    return [worker] * (worker * 30000)          # more than a pipe holds


def in_a_child(_):
    return [os.getpid() != HERE]


def dies(worker):
    if os.getpid() != HERE:
        os.kill(os.getpid(), signal.SIGKILL)
    return [worker]


def fails(worker):
    if os.getpid() != HERE:
        raise OSError('no luck')
    return [worker]


@pytest.mark.parametrize('workers', [1, 2, 5])
@pytest.mark.parametrize('run', [numbers, dies, fails])
def test_answers(monkeypatch, run, workers):
    children, fork = [], os.fork

    def counted():
        pid = fork()
        children.append(pid)
        return pid
    monkeypatch.setattr(os, 'fork', counted)
    expected = [[worker] * (worker * 30000) if run is numbers else [worker] for worker in range(workers)]
    assert share(run, workers) == expected
    assert len(children) == workers - 1
    for pid in children:
        with pytest.raises(ChildProcessError):      # nobody is left to be waited for
            os.waitpid(pid, os.WNOHANG)


def test_the_work_is_shared():
    assert share(in_a_child, 3) == [[False], [True], [True]]


def test_no_process_to_be_had(monkeypatch):
    def refused():
        raise OSError(11, 'Resource temporarily unavailable')
    before = len(os.listdir('/proc/self/fd'))
    monkeypatch.setattr(os, 'fork', refused)
    assert share(numbers, 2) == [[], [1] * 30000]
    assert len(os.listdir('/proc/self/fd')) == before


def test_a_program_with_threads_is_not_forked():
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        assert share(in_a_child, 2) == [[False], [False]]
    finally:
        done.set()
        thread.join()


def test_children_that_nobody_waits_for():
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        assert share(numbers, 2) == [[], [1] * 30000]
    finally:
        signal.signal(signal.SIGCHLD, before)
