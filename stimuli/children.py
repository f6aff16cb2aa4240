"""Processes that help with rendering. Imported before Django is set up there."""

import os
from multiprocessing import parent_process
from multiprocessing.process import BaseProcess
from threading import Thread

import django


def begin() -> None:
    """Set Django up in a process of a pool, and end when the one that made us does.

    Were that one killed, we would wait for more work for good, and hold our memory.
    """
    django.setup()
    maker = parent_process()
    assert maker is not None
    Thread(target=_end_after, args=[maker], daemon=True).start()


def _end_after(maker: BaseProcess) -> None:
    maker.join()
    os._exit(1)
