from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple, Union

__version__: str

Words = Union[str, Iterable[str], None]
Place = Union[str, int, Sequence[Union[str, int]], None]

class Error(Exception): ...

class FilterError(Error, ValueError):
    text: str
    position: Optional[int]

class KernelError(Error, OSError):
    errno: Optional[int]

class Incomplete(UserWarning): ...

class Record:
    """An object of which a socket may have several."""

    def __getattr__(self, name: str) -> Any: ...
    def __getitem__(self, name: str) -> Any: ...
    def as_dict(self) -> Dict[str, Any]: ...

class Process(Record):
    """One that holds a socket; with ``facts=`` whatever else of it is named."""

    name: str
    pid: int
    fd: int
    tid: Optional[int]

class End:
    """One end of a socket."""

    address: Optional[str]
    port: Optional[int]
    interface: Optional[str]
    service: Optional[str]
    host: Optional[str]
    path: Optional[str]
    inode: Optional[int]
    processes: Optional[List[Process]]
    def __getattr__(self, name: str) -> Any: ...

class Part:
    """Some facts of a socket: None for each that it does not have."""

    def __getattr__(self, name: str) -> Any: ...

class Socket:
    family: str
    netid: str
    state: str
    recv_q: int
    send_q: int
    local: End
    peer: End
    accept_queue: Optional[int]
    accept_backlog: Optional[int]
    netns: Optional[int]
    netns_name: Optional[str]
    uid: Optional[int]
    inode: Optional[int]
    cookie: Optional[str]
    mark: Optional[int]
    cgroup: Optional[str]
    timer: Optional[Part]
    memory: Optional[Part]
    info: Any
    congestion: Optional[str]
    processes: List[Process]
    def __getattr__(self, name: str) -> Any: ...
    def __getitem__(self, name: str) -> Any: ...
    def get(self, name: str, default: Any = ...) -> Any: ...
    def as_dict(self) -> Dict[str, Any]: ...
    def to_json(self) -> str: ...
    def kill(self) -> bool: ...

def sockets(*tables_and_filter: str, states: Words = ..., netns: Place = ..., source: Optional[str] = ...,
            facts: Words = ..., details: Optional[str] = ..., **options: bool) -> Iterator[Socket]: ...
def count(*tables_and_filter: str, by: Words = ..., states: Words = ..., netns: Place = ...,
          source: Optional[str] = ..., **options: bool) -> Dict[Tuple[Any, ...], int]: ...
def events(*tables_and_filter: str, states: Words = ..., netns: Place = ..., facts: Words = ...,
           details: Optional[str] = ..., **options: bool) -> Iterator[Socket]: ...
def record(path: str, *tables_and_filter: str, states: Words = ..., netns: Place = ..., facts: Words = ...,
           details: Optional[str] = ..., **options: bool) -> None: ...
def explain(*tables_and_filter: str, states: Words = ..., netns: Place = ..., **options: bool) -> List[Dict[str, Any]]: ...
def facts(word: str = ...) -> List[Dict[str, Any]]: ...
def summary() -> Mapping[str, Any]: ...
