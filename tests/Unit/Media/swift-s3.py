"""A real S3-compatible server for tests: OpenStack Swift (Debian's python3-swift) in one process, its S3 API before it, objects in memory.

Unlike s3rver it recomputes every signature. Prints its port and ends when its standard input does. Arguments: an empty folder, access key (ACCOUNT:USER), secret key.
"""
import eventlet

eventlet.monkey_patch()

import os  # noqa: E402
import sys  # noqa: E402
from array import array  # noqa: E402

from swift.account.server import AccountController  # noqa: E402
from swift.common import storage_policy, utils, wsgi  # noqa: E402
from swift.common.ring import RingData  # noqa: E402
from swift.container.server import ContainerController  # noqa: E402
from swift.obj.mem_server import ObjectController  # noqa: E402

PROXY = """
[DEFAULT]
swift_dir = {folder}
[pipeline:main]
pipeline = catch_errors cache s3api tempauth slo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1
[filter:s3api]
use = egg:swift#s3api
s3_acl = false
[filter:slo]
use = egg:swift#slo
[filter:tempauth]
use = egg:swift#tempauth
user_{account}_{user} = {secret} .admin
"""


def listen():
    return eventlet.listen(("127.0.0.1", 0))


def serve(socket, app):
    eventlet.spawn(eventlet.wsgi.server, socket, app, open(os.devnull, "w"), log_output=False)


def main(folder, access_key, secret):
    folder = os.path.abspath(folder)
    account, user = access_key.split(":")
    utils.HASH_PATH_SUFFIX = utils.HASH_PATH_PREFIX = b"test"
    with open(os.path.join(folder, "swift.conf"), "w") as conf:
        conf.write("[swift-hash]\nswift_hash_path_suffix = test\n")
    utils.SWIFT_CONF_FILE = os.path.join(folder, "swift.conf")
    storage_policy.reload_storage_policies()
    logger = utils.get_logger({"log_level": "ERROR"}, "swift")
    conf = {"devices": os.path.join(folder, "disks"), "mount_check": "false", "swift_dir": folder, "log_level": "ERROR"}
    os.makedirs(os.path.join(folder, "disks", "disk"))
    for name, controller in (("account", AccountController), ("container", ContainerController), ("object", ObjectController)):
        socket = listen()
        device = {"id": 0, "region": 1, "zone": 1, "weight": 1.0, "ip": "127.0.0.1", "port": socket.getsockname()[1], "device": "disk"}
        RingData([array("H", [0])], [device], 32).save(os.path.join(folder, name + ".ring.gz"))
        serve(socket, controller(conf, logger))

    path = os.path.join(folder, "proxy.conf")
    with open(path, "w") as proxy:
        proxy.write(PROXY.format(folder=folder, account=account, user=user, secret=secret))
    front = listen()
    serve(front, wsgi.loadapp(path, global_conf={"log_level": "ERROR"}))
    print(front.getsockname()[1], flush=True)
    eventlet.tpool.execute(sys.stdin.read)


main(*sys.argv[1:])
