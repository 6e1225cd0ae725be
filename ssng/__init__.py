"""ssng: what `ss` of iproute2 tells about the sockets of a Linux host, in pure Python."""

__version__ = '0.1.0'
