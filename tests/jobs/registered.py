"""Imported by processes that tests start: the work of workers.py is known there."""

from tests.jobs.workers import register

register()
