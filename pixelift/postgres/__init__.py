"""The embedded PostgreSQL 18: the binaries of a wheel, a private cluster of the data folder, a unix socket only.

<data>/postgres/    where root works for an account that may not enter the data folder: a link to /var/lib/pixelift/<id>
    data/           the cluster; it belongs to the account that runs the server
    run/            the socket, or socket-folder names a shorter folder that holds it
    password        of the role pixelift, which owns the database and is no superuser
    lock            held by whoever runs the server
"""

from pixelift.postgres.cluster import remove
from pixelift.postgres.endpoint import url
from pixelift.postgres.server import Server

__all__ = ["Server", "remove", "url"]
