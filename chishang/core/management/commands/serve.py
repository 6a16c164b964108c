"""``manage.py serve``: the portal on this machine, with its database; ``make run`` adds ``--demo``."""

import gc
import socket
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.core.wsgi import get_wsgi_application
from django.db import connections
from gunicorn.app.base import BaseApplication

WORKERS, THREADS = 2, 4
LOCAL_HOSTS = ("127.0.0.1", "localhost", "::1")


class Portal(BaseApplication):
    """Gunicorn inside this process, so that one Ctrl-C ends the workers first and then the embedded database."""

    def __init__(self, address: str) -> None:
        self.address = address
        super().__init__()

    def load_config(self) -> None:
        """Set the server's options."""
        for name, value in {
            "bind": self.address,
            "workers": WORKERS,
            "threads": THREADS,
            "timeout": 60,
            "graceful_timeout": 20,
            "preload_app": True,
            "loglevel": "warning",
            "accesslog": None,
            "forwarded_allow_ips": "127.0.0.1",
            "control_socket_disable": True,
        }.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Return the application, with what is loaded kept out of garbage collection: a report makes many objects."""
        application = get_wsgi_application()
        gc.freeze()
        return application


class Command(BaseCommand):
    """Migrates, loads the demonstration at the first start when asked, and serves until Ctrl-C."""

    help = "启动门户：建库、升级、(--demo)首次装入演示数据，然后提供服务。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--demo", action="store_true", help="首次启动时装入演示台账和演示账号")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare and serve."""
        address = f"{options['host']}:{options['port']}"
        if not 0 < options["port"] < 2**16:
            raise CommandError(f"PORT={options['port']}：端口应在 1 到 65535 之间")
        if options["host"] not in LOCAL_HOSTS and not settings.PRODUCTION:
            raise CommandError(f"--host {options['host']} 会让别的机器访问，请先设置 ALLOWED_HOSTS 和 SECRET_KEY")
        _check_free(options["host"], options["port"])
        if options["demo"] and settings.PRODUCTION:
            raise CommandError("正式运行（设置了 ALLOWED_HOSTS）不能装入演示数据，请去掉 --demo")
        self.stdout.write("正在准备数据库……")
        call_command("migrate", interactive=False, verbosity=0)
        if options["demo"]:
            call_command("load_demo", stdout=self.stdout)
        self.check(databases=["default"])
        call_command("collectstatic", interactive=False, verbosity=0)
        connections.close_all()  # the workers are forked: each opens its own
        self.stdout.write(self.style.SUCCESS(f"\n门户已启动：http://{address}  （Ctrl-C 停止）"))
        self.stdout.flush()
        Portal(address).run()


def _check_free(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"端口 {port} 用不了（{error.strerror}），请换一个，例如：make run PORT=8080"
            ) from error
